import t from 'tap'
import type { Test } from 'tap'
import Fastify from 'fastify'
import { Type } from '@sinclair/typebox'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import auth from '../../plugins/auth.ts'
import body from '../../plugins/body/index.ts'
import connection, { onClientError } from '../../plugins/connection.ts'
import core from '../../plugins/core/index.ts'
import declared from '../../plugins/declared.ts'
import issuer from '../../plugins/issuer/index.ts'
import limits from '../../plugins/limits.ts'
import signer from '../../plugins/signer/index.ts'
import validation from '../../plugins/validation.ts'
import { picture as pictureField, text } from '../../routes/shapes.ts'
import { sendError } from '../../routes/staff/errors.ts'
import { loadConfig } from '../../src/config.ts'
import { form } from '../helper.ts'
import { noise } from '../images/pictures.ts'
import { closed, listen, settled, stagedIn } from './listening.ts'

const PATIENCE_MS = 800
/** What the service may take on top: its clocks tick every second, and a refused client may go on for two. */
const SLACK_MS = 4_000
const EVERY_MS = 20

// Waiting costs nothing, so all of it happens at once.
t.jobs = 3

/** The parts that read a body, with less patience than in the service. */
async function impatient (t: Test) {
  const dataDir = t.testdir({})
  const config = { ...loadConfig(), dataDir }
  const app = Fastify({ clientErrorHandler: onClientError })
  t.teardown(() => app.close())
  await app.register(connection)
  await app.register(core, { config, reservedKeys: new Set<string>() })
  await app.register(limits)
  await app.register(signer, { config })
  await app.register(issuer, { config })
  await app.register(auth, { config })
  await app.register(validation)
  await app.register(declared)
  await app.register(body, { config, patience: PATIENCE_MS })
  app.setErrorHandler(sendError)
  const schema = { body: Type.Partial(Type.Object({ bio: text('bio'), avatar: pictureField('avatar') })) }
  app.post('/', { config: { access: 'open' }, schema }, async (request) => ({ got: Object.keys(request.body as object) }))
  await app.listen({ host: '127.0.0.1', port: 0 })
  return { dataDir, port: (app.server.address() as AddressInfo).port }
}

/** Sends `start`, then a little of `rest` at a time for as long as the connection lives; resolves to the answer and the time until the end. */
async function dribble (port: number, start: (string | Buffer)[], rest: Buffer, step = 1): Promise<{ said: string, ms: number }> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  let said = ''
  // A connection that is cut while bytes are on their way is reset.
  socket.on('error', () => {}).on('data', (data) => { said += data.toString() })
  await once(socket, 'connect')
  const began = performance.now()
  for (const part of start) socket.write(part)
  let at = 0
  const dribbling = setInterval(() => {
    // By the clock, because a busy machine is late.
    const due = Math.ceil((performance.now() - began) / EVERY_MS) * step
    if (at < rest.length) socket.write(rest.subarray(at, at = Math.min(due, rest.length)))
    else if (socket.readableEnded) socket.end()
  }, EVERY_MS)
  await closed(socket)
  clearInterval(dribbling)
  return { said, ms: performance.now() - began }
}

const head = (line: string, headers: Record<string, string>): string =>
  `${line} HTTP/1.1\r\n${Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`

void t.test('a body that dribbles is cut', async (t) => {
  const server = await impatient(t)
  const { payload, headers } = form([['bio', 'slow'], ['avatar', { file: await noise('png', 80, 80) }]])
  const half = payload.length / 2
  const endless = Buffer.alloc(100_000, 'a')
  const cases: [title: string, type: string, start: (string | Buffer)[], rest: Buffer][] = [
    ['JSON', 'application/json', ['{"bio":"'], endless],
    ['urlencoded', 'application/x-www-form-urlencoded', ['bio='], endless],
    ['a form, in its first part', headers['content-type'], [payload.subarray(0, 80)], payload.subarray(80)],
    ['a form, in a file', headers['content-type'], [payload.subarray(0, half)], payload.subarray(half)],
    ['nothing at all', 'application/json', [], Buffer.alloc(0)],
  ]
  const runs = cases.flatMap(([title, type, start, rest]) => [{ 'content-length': String(100_000 + payload.length) }, { 'transfer-encoding': 'chunked' }].map(async (framing) => {
    const isChunked = 'transfer-encoding' in framing
    const frame = isChunked && start.length > 0 ? [`${Buffer.concat(start.map((part) => Buffer.from(part))).length.toString(16)}\r\n`, ...start, '\r\n20000\r\n'] : start
    const { said, ms } = await dribble(server.port, [head('POST /', { 'content-type': type, ...framing }), ...frame], rest)
    t.match(said, /^HTTP\/1\.1 408 [^]*\r\nconnection: close\r\n[^]*\r\n\r\n\{"detail":"The request took too long to arrive\."\}$/, `${title}, ${Object.keys(framing).join()}`)
    t.ok(ms < PATIENCE_MS + SLACK_MS, `over after ${Math.round(ms)} ms`)
  }))
  await Promise.all(runs)
  t.same(await settled(() => stagedIn(server), (files) => files.length === 0), [], 'staging is empty')
})

void t.test('a body that keeps arriving may take longer', async (t) => {
  const { port } = await impatient(t)
  const rest = Buffer.from(`${'a'.repeat(120_000)}"}`)
  const begin = '{"bio":"","more":"'
  const started = head('POST /', { 'content-type': 'application/json', 'content-length': String(begin.length + rest.length), connection: 'close' })
  const { said, ms } = await dribble(port, [started, begin], rest, 1_000)
  t.match(said, /^HTTP\/1\.1 200 [^]*\{"got":\["bio"\]\}$/)
  t.ok(ms > PATIENCE_MS + 1_000, `it took ${Math.round(ms)} ms`)
})

void t.test('the service itself', { jobs: 3 }, async (t) => {
  const server = await listen(t)
  const { port, ada } = server
  const endless = Buffer.alloc(100_000, 'a')

  void t.test('headers that dribble are cut', async (t) => {
    const { said, ms } = await dribble(port, ['GET /health/live HTTP/1.1\r\nhost: localhost\r\nx-slow: '], endless)
    t.match(said, /^HTTP\/1\.1 408 [^]*\r\n\r\n\{"detail":"Request Timeout\."\}$/)
    t.ok(ms < 5_000 + SLACK_MS, `over after ${Math.round(ms)} ms`)
  })

  void t.test('a refused client that goes on for ever is cut', async (t) => {
    const started = head(`PATCH /api/v2/user/${ada.id}/`, { 'content-type': 'application/json', 'content-length': '1000000' })
    const { said, ms } = await dribble(port, [started, '{"bio":"'], endless)
    t.match(said, /^HTTP\/1\.1 401 [^]*"not_authenticated"/)
    t.ok(ms > 1_500 && ms < SLACK_MS, `over after ${Math.round(ms)} ms`)
  })

  void t.test('and nobody else waits', async (t) => {
    const began = performance.now()
    const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(`http://127.0.0.1:${port}/api/v2/user/${ada.id}/`)))
    t.same(answers.map(({ status }) => status), Array.from({ length: 20 }, () => 200))
    t.ok(performance.now() - began < 2_000)
  })
})
