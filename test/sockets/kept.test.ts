import t from 'tap'
import Fastify from 'fastify'
import type { AddressInfo } from 'node:net'
import connection, { OwnServer } from '../../plugins/connection/index.ts'
import { form } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { retried } from '../retried.ts'
import { openLine, requestOf, untilRefused } from './line.ts'
import type { Line } from './line.ts'
import { closed, listen } from './listening.ts'
import type { Listening } from './listening.ts'

const GRACE_MS = 1_000
/** What the machine may take on top. */
const SLACK_MS = 1_500

const json = (headers: object, body: object): [Record<string, string>, string] => [{ ...headers, 'content-type': 'application/json' }, JSON.stringify(body)]
const read = (server: Listening): [string, string | Uint8Array] => requestOf(`GET /api/v2/user/${server.ada.id}/`, server.ada.headers)

// One after the other: opening a service meanwhile would use up the second that these are about.
await t.test('D1 a kept connection gets the answer to what arrives while the server closes', async (t) => {
  const server = await listen(t)
  const { families, ada, port, app } = server
  const upload = form([['avatar', { file: await picture({ width: 16, height: 16 }) }]])
  // The first picture waits for the process that decodes it to start.
  const warm = await openLine(t, port)
  const picturePath = `PATCH /api/v2/user/${ada.id}/`
  warm.send(...requestOf(picturePath, { ...ada.headers, ...upload.headers, connection: 'close' }, upload.payload))
  t.match(await warm.answers(1), [{ status: 200 }])
  warm.socket.end()
  const requests: [title: string, status: number, bytes: [string, string | Uint8Array]][] = [
    ...families.map(({ name, method, path, headers }, i): [string, number, [string, string]] => [`a write of ${name}`, 200, requestOf(`${method} ${path(ada.id)}`, ...json(headers, { username: `ada_${i}` })) as [string, string]]),
    ['a read', 200, read(server)],
    ['an upload', 200, requestOf(picturePath, { ...ada.headers, ...upload.headers }, upload.payload)],
    ['a refusal', 401, requestOf(`PATCH /api/v2/user/${ada.id}/`, ...json({}, { bio: 'nobody' }))],
    ['a path of nothing', 404, requestOf('GET /nothing', {})],
    ['a path of nothing in a family', 404, requestOf('GET /api/v2/nothing/', {})],
  ]
  const kept = await Promise.all(requests.map(() => openLine(t, port)))
  for (const line of kept) line.send(...read(server))
  for (const line of kept) t.equal((await line.answers(1))[0]?.headers.connection, 'keep-alive')
  const fresh = await Promise.all(requests.map(() => openLine(t, port)))

  const closing = app.close()
  await untilRefused(port)
  const asked = requests.flatMap(([title, status, bytes], i) => [
    { how: `${title}, kept`, status, bytes, line: kept[i] as Line, before: 1 },
    { how: `${title}, fresh`, status, bytes, line: fresh[i] as Line, before: 0 },
  ])
  for (const { line, bytes } of asked) line.send(...bytes)
  for (const { how, status, line, before } of asked) {
    const answer = (await line.answers(before + 1))[before]
    t.same([answer?.status, answer?.headers.connection], [status, 'close'], how)
    t.equal(await line.over, 'end', 'and the connection ends in good order')
    line.socket.end()
  }
  await closing
  t.match((await server.core.users.get(ada.id)).username, /^ada_\d$/, 'what was answered is in the database')
})

await t.test('D1 a connection over which nothing comes ends after a second, in good order', async (t) => {
  const times = await retried(async () => {
    const server = await listen(t)
    const [kept, silent] = await Promise.all([openLine(t, server.port), openLine(t, server.port)])
    kept.send(...read(server))
    await kept.answers(1)
    const began = performance.now()
    const closing = server.app.close()
    const times: number[] = []
    for (const { over, socket } of [kept, silent]) {
      t.equal(await over, 'end')
      times.push(Math.round(performance.now() - began))
      socket.end()
    }
    await closing
    return times
  }, (times) => Math.max(...times) < GRACE_MS + SLACK_MS)
  t.ok(Math.min(...times) > GRACE_MS - 50 && Math.max(...times) < GRACE_MS + SLACK_MS, `after ${times.join(' and ')} ms`)
})

await t.test('D1 a server that nobody is connected to closes at once', async (t) => {
  const ms = await retried(async () => {
    const server = await listen(t)
    const began = performance.now()
    await server.app.close()
    return performance.now() - began
  }, (ms) => ms < GRACE_MS)
  t.ok(ms < GRACE_MS, `after ${Math.round(ms)} ms`)
})

await t.test('D1 requests in a row are all answered, and the last answer ends the connection', async (t) => {
  const server = await listen(t)
  const { families: [{ headers }], ada, port } = server as Listening & { families: [Listening['families'][0]] }
  const line = await openLine(t, port)
  const write = (bio: string) => requestOf(`PATCH /api/v2/user/${ada.id}/`, ...json(headers, { bio })) as [string, string]
  const [head, body] = write('first')
  line.send(head, body.slice(0, -1))
  const closing = server.app.close()
  await untilRefused(port)
  line.send(body.slice(-1) + [write('second'), write('third')].flat().join(''))
  const answers = await line.answers(3)
  t.same(answers.map(({ status, headers, body }) => [status, headers.connection === 'close', (JSON.parse(body) as { bio: string }).bio]), [[200, false, 'first'], [200, false, 'second'], [200, true, 'third']])
  t.equal(await line.over, 'end')
  line.socket.end()
  await closing
})

await t.test('D1 an answer that began before the close leaves a second for one more request', async (t) => {
  const app = Fastify({ serverFactory: (handle) => new OwnServer({}, handle), return503OnClosing: false })
  await app.register(connection)
  const { promise: finish, resolve } = Promise.withResolvers<void>()
  app.get('/slow', async (_request, reply) => {
    reply.raw.writeHead(200, { 'content-length': 4 }).write('sl')
    await finish
    reply.raw.end('ow')
    return reply.hijack()
  })
  app.get('/', async () => 'fast')
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const line = await openLine(t, port)
  line.send(...requestOf('GET /slow', {}))
  while (line.socket.bytesRead === 0) await new Promise(setImmediate)
  const closing = app.close()
  await untilRefused(port)
  resolve()
  t.match(await line.answers(1), [{ status: 200, body: 'slow' }])
  line.send(...requestOf('GET /', {}))
  t.match(await line.answers(2), [{ body: 'slow' }, { status: 200, body: 'fast', headers: { connection: 'close' } }])
  t.equal(await line.over, 'end')
  line.socket.end()
  await closing
})

await t.test('D1 what comes after the last answer is not carried out', async (t) => {
  const server = await listen(t)
  const { ada, core, port } = server
  const line = await openLine(t, port)
  const [head, body] = requestOf(`PATCH /api/v2/user/${ada.id}/`, ...json({}, { bio: 'nobody' })) as [string, string]
  line.send(head, body.slice(0, 5))
  t.match(await line.answers(1), [{ status: 401, headers: { connection: 'close' } }])
  t.equal(await line.over, 'end')
  line.send(body.slice(5), ...requestOf(`PATCH /api/v2/user/${ada.id}/`, ...json(ada.headers, { bio: 'unheard' })))
  line.socket.end()
  // The server ends its side of the connection once it has read the client's to the end.
  await closed(line.socket)
  await server.app.close()
  t.equal((await core.users.get(ada.id)).bio, '')
})

await t.test('D1 a connection that has been idle for too long is not reset under a request that crosses its end', async (t) => {
  const app = Fastify({ serverFactory: (handle) => new OwnServer({ keepAliveTimeout: 10, keepAliveTimeoutBuffer: 0 }, handle) })
  t.teardown(() => app.close())
  await app.register(connection)
  const asked: string[] = []
  app.get('/:name', async ({ url }) => { asked.push(url) })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const line = await openLine(t, (app.server.address() as AddressInfo).port)
  let error: Error | undefined
  line.socket.on('error', (found) => { error = found })
  line.send(...requestOf('GET /first', {}))
  await line.answers(1)
  t.equal(await line.over, 'end')
  line.send(...requestOf('GET /second', {}))
  line.socket.end()
  await closed(line.socket)
  t.equal(error, undefined)
  t.same(asked, ['/first'])
})
