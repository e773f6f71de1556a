import t from 'tap'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { build, form } from '../helper.ts'
import { noise } from '../images/pictures.ts'
import { retried } from '../retried.ts'
import { closed, listen, settled, stagedIn } from './listening.ts'
import type { Listening } from './listening.ts'

const REQUESTS = 12
const DEADLINE_MS = 5_000

type Family = Listening['families'][number]

/** A request of which all but the last bytes are on their way when this resolves; `finish` sends those. */
async function begin (server: Listening, { method, path, headers }: Family, agent: Agent, of: { payload: Buffer, headers: object }) {
  const asked = request({ agent, host: '127.0.0.1', port: server.port, method, path: path(server.ada.id), headers: { ...headers, ...of.headers, 'content-length': of.payload.length } })
  const answered = once(asked, 'response') as Promise<[IncomingMessage]>
  await new Promise((resolve) => { asked.write(of.payload.subarray(0, -10), resolve) })
  return {
    answered,
    async finish () {
      asked.end(of.payload.subarray(-10))
      const [response] = await answered
      return { status: response.statusCode, connection: response.headers.connection, body: await text(response) }
    },
  }
}

async function timed (work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

t.test('closing with requests on their way loses none', async (t) => {
  const ms = await retried(async () => {
    const server = await listen(t)
    const agent = new Agent({ keepAlive: true })
    t.teardown(() => agent.destroy())
    // Kept connections that wait for their next request, and one that has never said anything.
    for (let i = 0; i < 3; i++) await fetch(`http://127.0.0.1:${server.port}/health/live`).then((response) => response.text())
    const silent = connect({ host: '127.0.0.1', port: server.port })
    await once(silent, 'connect')

    const file = await noise('png', 60, 60)
    const begun = await Promise.all(Array.from({ length: REQUESTS }, (_, i) => {
      const upload = form([['avatar', { file }], ['username', `ada_${i}`]])
      return begin(server, server.families[i % 3] as Family, agent, upload)
    }))
    await settled(() => stagedIn(server), (files) => files.length === REQUESTS)

    const closing = timed(() => server.app.close())
    const answers = await Promise.all(begun.map(({ finish }) => finish()))
    t.same(answers.map(({ status }) => status), Array.from({ length: REQUESTS }, () => 200), 'every request got its answer')
    t.same(answers.filter(({ connection }) => connection !== 'close'), [], 'which says that the connection ends')
    const ms = await closing
    await closed(silent)
    const { username, version } = await server.core.users.get(server.ada.id)
    t.match(username, /^ada_\d+$/)
    t.ok(version > REQUESTS, 'and what was answered is in the database')
    t.same(stagedIn(server), [])
    await t.rejects(fetch(`http://127.0.0.1:${server.port}/health/live`), 'nobody listens any more')
    return ms
  }, (ms) => ms < DEADLINE_MS)
  t.ok(ms < DEADLINE_MS, `closed within ${Math.round(ms)} ms`)
})

t.test('D2 closing does not wait for clients that never finish, and tells them', async (t) => {
  const ms = await retried(async () => {
    const server = await listen(t)
    const agent = new Agent({ keepAlive: true })
    t.teardown(() => agent.destroy())
    const head = connect({ host: '127.0.0.1', port: server.port }).on('error', () => {})
    await once(head, 'connect')
    head.write('GET /health/live HTTP/1.1\r\nhost:')
    const [family] = server.families as [Family]
    const { answered } = await begin(server, family, agent, form([['avatar', { file: await noise('png', 300, 300) }]]))
    await settled(() => stagedIn(server), (files) => files.length === 1)

    const closing = timed(() => server.app.close())
    const [response] = await answered
    t.same([response.statusCode, response.headers.connection], [408, 'close'], 'the upload that never ends hears of it')
    t.same(JSON.parse(await text(response)), { errors: [{ code: 'request_timeout', message: 'The request took too long to arrive.' }] })
    const ms = await closing
    await closed(head)
    t.same(await settled(() => stagedIn(server), (files) => files.length === 0), [], 'staging is empty')
    return ms
  }, (ms) => ms < DEADLINE_MS)
  t.ok(ms < DEADLINE_MS, `closed within ${Math.round(ms)} ms`)
})

t.test('both addresses of localhost are one server', async (t) => {
  const addresses = await lookup('localhost', { all: true })
  if (addresses.length < 2) {
    t.comment('SKIPPED: localhost is one address on this machine')
    return
  }
  const { app } = await build(t)
  await app.listen({ host: 'localhost', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const statuses = () => Promise.all(addresses.map(async ({ address, family }) => {
    const response = await fetch(`http://${family === 6 ? `[${address}]` : address}:${port}/health/live`, { headers: { connection: 'close' } })
    return response.status
  }))
  // The second address follows a moment after the first.
  const soon = async (): Promise<number[]> => await statuses().catch(soon)
  t.same(await soon(), addresses.map(() => 200))
  await app.close()
  await t.rejects(statuses())
})
