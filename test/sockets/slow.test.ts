import t from 'tap'
import { once } from 'node:events'
import { connect } from 'node:net'
import { form } from '../helper.ts'
import { noise } from '../images/pictures.ts'
import { retried } from '../retried.ts'
import { closed, listen, settled, stagedIn } from './listening.ts'
import { listenForBodies } from './bodies.ts'

const PATIENCE_MS = 800
/** What the service may take on top: its clocks tick every second, and a refused client may go on for two. */
const SLACK_MS = 4_000
const EVERY_MS = 20

const isInTime = ({ ms }: { ms: number }) => ms < PATIENCE_MS + SLACK_MS
const isFound = ({ said }: { said: string }) => said.startsWith('HTTP/1.1 200 ')

// Waiting costs nothing, so all of it happens at once.
t.jobs = 3

/** Sends `start`, then a little of `rest` at a time for as long as the connection lives; resolves to the answer and the time until the end. */
async function dribble (port: number, start: (string | Buffer)[], rest: Buffer, { step = 1, every = EVERY_MS } = {}): Promise<{ said: string, ms: number }> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  let said = ''
  // A connection that is cut while bytes are on their way is reset.
  socket.on('error', () => {}).on('data', (data) => { said += data.toString() })
  await once(socket, 'connect')
  const began = performance.now()
  for (const part of start) socket.write(part)
  let at = 0
  const dribbling = setInterval(() => {
    // By the clock, because a busy machine is late; by the nearest beat, because a timer may be early by a hair.
    const due = Math.round((performance.now() - began) / every) * step
    if (at < rest.length) socket.write(rest.subarray(at, at = Math.min(due, rest.length)))
    else if (socket.readableEnded) socket.end()
  }, every)
  await closed(socket)
  clearInterval(dribbling)
  return { said, ms: performance.now() - began }
}

const head = (line: string, headers: Record<string, string>): string =>
  `${line} HTTP/1.1\r\n${Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`

void t.test('a body that dribbles is cut', async (t) => {
  const server = await listenForBodies(t, { patience: PATIENCE_MS })
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
    const { said, ms } = await retried(() => dribble(server.port, [head('POST /', { 'content-type': type, ...framing }), ...frame], rest), isInTime)
    t.match(said, /^HTTP\/1\.1 408 [^]*\r\nconnection: close\r\n[^]*\r\n\r\n\{"detail":"The request took too long to arrive\."\}$/, `${title}, ${Object.keys(framing).join()}`)
    t.ok(ms < PATIENCE_MS + SLACK_MS, `over after ${Math.round(ms)} ms`)
  }))
  await Promise.all(runs)
  t.same(await settled(() => stagedIn(server), (files) => files.length === 0), [], 'staging is empty')
})

void t.test('a body that keeps arriving may take longer', async (t) => {
  const { port } = await listenForBodies(t, { patience: PATIENCE_MS })
  const rest = Buffer.from(`${'a'.repeat(120_000)}"}`)
  const begin = '{"bio":"","more":"'
  const started = head('POST /', { 'content-type': 'application/json', 'content-length': String(begin.length + rest.length), connection: 'close' })
  const { said, ms } = await retried(() => dribble(port, [started, begin], rest, { step: 1_000 }), isFound)
  t.match(said, /^HTTP\/1\.1 200 [^]*\{"got":\["bio"\]\}$/)
  t.ok(ms > PATIENCE_MS + 1_000, `it took ${Math.round(ms)} ms`)
})

void t.test('C1 what was sent fast earns no time for what dribbles', async (t) => {
  const { port } = await listenForBodies(t, { patience: PATIENCE_MS })
  const endless = Buffer.alloc(100_000, 'a')
  const { payload, headers } = form([['bio', 'slow'], ['avatar', { file: await noise('png', 450, 450) }]])
  const fast = Buffer.from(`{"bio":"${'a'.repeat(120_000)}`)
  const cases: [title: string, type: string, start: Buffer, length: number][] = [
    ['JSON', 'application/json', fast, fast.length + 10_000],
    ['a form, in a file', headers['content-type'], payload.subarray(0, -20_000), payload.length],
  ]
  await Promise.all(cases.map(async ([title, type, start, length]) => {
    t.ok(start.length > 100_000, 'as many bytes as take six seconds')
    const { said, ms } = await retried(() => dribble(port, [head('POST /', { 'content-type': type, 'content-length': String(length) }), start], endless), isInTime)
    t.match(said, /^HTTP\/1\.1 408 /, title)
    t.ok(ms < PATIENCE_MS + SLACK_MS, `over after ${Math.round(ms)} ms`)
  }))
})

void t.test('C1 a picture that comes at 20 KB/s comes through, with breaks', async (t) => {
  const { port } = await listenForBodies(t, { patience: PATIENCE_MS })
  const { payload, headers } = form([['bio', 'phone'], ['avatar', { file: await noise('png', 270, 270) }]])
  t.ok(payload.length > 60_000)
  const started = head('POST /', { 'content-type': headers['content-type'], 'content-length': String(payload.length), connection: 'close' })
  const { said, ms } = await retried(() => dribble(port, [started], payload, { step: 8_000, every: 400 }), isFound)
  t.match(said, /^HTTP\/1\.1 200 [^]*\{"got":\["bio","avatar"\]\}$/)
  t.ok(ms > PATIENCE_MS + 2_000, `it took ${Math.round(ms)} ms`)
})

void t.test('the service itself', { jobs: 3 }, async (t) => {
  const server = await listen(t)
  const { port, ada } = server
  const endless = Buffer.alloc(100_000, 'a')

  void t.test('headers that dribble are cut', async (t) => {
    const { said, ms } = await retried(() => dribble(port, ['GET /health/live HTTP/1.1\r\nhost: localhost\r\nx-slow: '], endless), ({ ms }) => ms < 5_000 + SLACK_MS)
    t.match(said, /^HTTP\/1\.1 408 [^]*\r\n\r\n\{"detail":"Request Timeout\."\}$/)
    t.ok(ms < 5_000 + SLACK_MS, `over after ${Math.round(ms)} ms`)
  })

  void t.test('a refused client that goes on for ever is cut', async (t) => {
    const started = head(`PATCH /api/v2/user/${ada.id}/`, { 'content-type': 'application/json', 'content-length': '1000000' })
    const { said, ms } = await retried(() => dribble(port, [started, '{"bio":"'], endless), ({ ms }) => ms < SLACK_MS)
    t.match(said, /^HTTP\/1\.1 401 [^]*"not_authenticated"/)
    t.ok(ms > 1_500 && ms < SLACK_MS, `over after ${Math.round(ms)} ms`)
  })

  void t.test('and nobody else waits', async (t) => {
    const ms = await retried(async () => {
      const began = performance.now()
      const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(`http://127.0.0.1:${port}/api/v2/user/${ada.id}/`)))
      t.same(answers.map(({ status }) => status), Array.from({ length: 20 }, () => 200))
      return performance.now() - began
    }, (ms) => ms < 2_000)
    t.ok(ms < 2_000, `after ${Math.round(ms)} ms`)
  })
})
