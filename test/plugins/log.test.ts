import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, constants, fchmodSync, openSync, readFileSync, readSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import Fastify from 'fastify'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { linesTo } from '../../plugins/log/lines.ts'
import { createOrigin } from '../../plugins/log/origin.ts'
import { logStream } from '../../plugins/log/stream.ts'
import visage from '../../src/app.ts'
import type { Options } from '../../src/app.ts'
import { placeOf } from '../engines.ts'
import { folderFor, PASSWORD } from '../helper.ts'
import { settled } from '../sockets/listening.ts'

type Line = Record<string, unknown> & { level: number, msg: string }

/** The service in an application around it, and what it logs. */
async function logged (t: Test, options: Options = {}, around: FastifyServerOptions = {}): Promise<{ app: FastifyInstance, lines: Line[] }> {
  const lines: Line[] = []
  const stream = new Writable({ write (line: Buffer, _encoding, done) { lines.push(JSON.parse(line.toString()) as Line); done() } })
  const app = Fastify({ ...around, logger: { level: 'info', stream }, disableRequestLogging: true })
  const dataDir = folderFor(t)
  await app.register(visage, { ...placeOf(dataDir), rateLimit: false, ...options })
  t.teardown(() => app.close())
  await app.ready()
  return { app, lines }
}

const requests = (lines: Line[]) => lines.filter(({ msg }) => msg === 'request').map(({ method, route, status, address, actor }) => ({ method, route, status, address, actor }))
const CLIENT = '203.0.113.7'
const PROXY = '10.0.0.1'

t.test('I7 the line of a request has the address of the client, behind a trusted proxy as well, and no more of what was sent', async (t) => {
  const { app, lines } = await logged(t, {}, { trustProxy: PROXY })
  const signIn = (remoteAddress: string, headers = {}) => app.inject({ method: 'POST', url: '/api/sign-in/?from=hunter2', payload: { email: 'ada@example.com', password: PASSWORD }, remoteAddress, headers })
  await signIn(`::ffff:${CLIENT}`)
  await signIn(PROXY, { 'x-forwarded-for': '2001:db8::7' })
  await signIn(CLIENT, { 'x-forwarded-for': '198.51.100.9' })
  const line = { method: 'POST', route: '/api/sign-in/', status: 400, actor: null }
  t.same(requests(lines), [CLIENT, '2001:db8::7', CLIENT].map((address) => ({ ...line, address })))
  t.notMatch(JSON.stringify(lines), /hunter2|ada@example\.com|battery|198\.51\.100\.9/)
})

t.test('I7 VISAGE_LOG_ADDRESS=off: no address', async (t) => {
  const { app, lines } = await logged(t, { logAddress: false })
  await app.inject({ url: '/api/profile/', remoteAddress: CLIENT, headers: { 'x-forwarded-for': CLIENT } })
  t.equal(requests(lines).length, 1)
  t.notMatch(JSON.stringify(lines), CLIENT)
})

t.test('I6 a header for proxies from a peer that is not trusted is told once', async (t) => {
  const said = (lines: Line[]) => lines.filter(({ level }) => level === 40).map(({ header, msg }) => [header, msg])
  const warning = 'a header for proxies came from an address that is not trusted, and is ignored: if that is your proxy, name it in VISAGE_TRUST_PROXY'
  for (const [header, value] of [['x-forwarded-for', '198.51.100.9'], ['x-forwarded-proto', 'https'], ['x-forwarded-host', 'example.com'], ['forwarded', 'for=198.51.100.9']] as const) {
    const { app, lines } = await logged(t)
    const ask = () => app.inject({ url: '/health/live', remoteAddress: PROXY, headers: { [header]: value } })
    await app.inject({ url: '/health/live' })
    t.same(said(lines), [])
    await ask()
    await ask()
    t.same(said(lines), [[header, warning]])
  }
  const { app, lines } = await logged(t, {}, { trustProxy: [PROXY] })
  for (const headers of [{ 'x-forwarded-for': CLIENT, 'x-forwarded-proto': 'https' }, { 'x-forwarded-proto': 'https' }]) await app.inject({ url: '/health/live', remoteAddress: PROXY, headers })
  t.same(said(lines), [], 'of a trusted one it is believed')
  await app.inject({ url: '/health/live', remoteAddress: '10.0.0.2', headers: { 'x-forwarded-for': CLIENT } })
  t.same(said(lines), [['x-forwarded-for', warning]])
})

t.test('I6 listening on all addresses without a public one is a warning that says what links will say', async (t) => {
  const cases: [host: string, options: Options, told?: string][] = [
    ['0.0.0.0', {}, 'links in emails and addresses of pictures'],
    ['::', {}, 'links in emails and addresses of pictures'],
    ['0.0.0.0', { linkUrl: 'https://example.com' }, 'addresses of pictures'],
    ['0.0.0.0', { publicUrl: 'https://example.com' }],
    ['127.0.0.1', {}],
  ]
  for (const [host, options, told] of cases) {
    const { app, lines } = await logged(t, options)
    await app.listen({ host, port: 0 })
    // A later hook has run.
    await settled(() => lines.some(({ msg }) => msg.startsWith('no admin exists')), Boolean)
    const { port } = app.server.address() as { port: number }
    const expected = told === undefined ? [] : [`the service listens on all addresses and VISAGE_PUBLIC_URL is not set: ${told} begin with http://localhost:${port}, which means each reader's own machine`]
    t.same(lines.filter(({ level }) => level === 40).map(({ msg }) => msg), expected, `${host} ${JSON.stringify(options)}`)
    await app.close()
  }
})

t.test('a request is called what a trusted proxy calls it, and nobody else', async (t) => {
  const { requestId, isTrusted, traceOf } = createOrigin(['10.0.0.0/8', '2001:db8::1'])
  const from = (remoteAddress: string | undefined, headers: object = { 'x-request-id': 'theirs' }) => ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '2001:db8::1']) t.equal(requestId(from(address)), 'theirs', address)
  const ours = [undefined, '11.0.0.1', '2001:db8::2'].map((address) => requestId(from(address)))
  ours.push(...['', 'two words', 'x'.repeat(65), 'a\nb', ['a', 'b']].map((id) => requestId(from('10.1.2.3', { 'x-request-id': id }))))
  for (const id of ours) t.match(id, /^[0-9a-f]{8}-\w+$/)
  t.equal(new Set(ours).size, ours.length)
  t.notOk(createOrigin().isTrusted(from('127.0.0.1')), 'where none is named, none is trusted')
  t.ok(isTrusted(from('10.1.2.3')))
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  t.equal(traceOf(`00-${trace}-00f067aa0ba902b7-01`), trace)
  for (const header of [undefined, '', trace, `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, `00-${trace}-00f067aa0ba902b7`, `00-${trace.toUpperCase()}-00f067aa0ba902b7-01`]) t.equal(traceOf(header), undefined)
})

t.test('readable lines are for terminals alone', async (t) => {
  for (const file of [join(t.testdir({ log: '' }), 'log'), '/dev/null']) {
    const handle = openSync(file, 'w')
    const { write } = await logStream(handle)
    write('{"level":30}\n')
    if (file !== '/dev/null') t.equal(readFileSync(file, 'utf8'), '{"level":30}\n')
    closeSync(handle)
  }
})

t.test('a line that cannot be written is lost, and the next one begins anew', (t) => {
  const full = openSync('/dev/full', 'w')
  linesTo(full).write('lost\n')
  closeSync(full)
  const file = join(t.testdir({}), 'log')
  const handle = openSync(file, 'w')
  const { write } = linesTo(handle)
  write('first\n')
  write('Zoë 🦊\n')
  closeSync(handle)
  write('to nobody\n')
  t.equal(readFileSync(file, 'utf8'), 'first\nZoë 🦊\n')
  t.end()
})

/** A pipe with one who reads it and one who writes; `read` takes what is there. */
function pipeFor (t: Test) {
  const path = join(t.testdir({}), 'pipe')
  execFileSync('mkfifo', ['-m', '600', path])
  const open = () => openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  let reader = open()
  const writer = openSync(path, 'w')
  t.teardown(() => { [reader, writer].forEach(closeSync) })
  let text = ''
  return {
    writer,
    leave: () => {
      closeSync(reader)
      // Whoever opens a pipe for reading alone may go before it is opened for the next one.
      return () => { reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) }
    },
    text: () => text,
    read () {
      const bytes = Buffer.alloc(65_536)
      for (let before = -1; before < text.length;) {
        before = text.length
        try {
          text += bytes.toString('latin1', 0, readSync(reader, bytes))
        } catch (error) {
          t.equal((error as { code?: string }).code, 'EAGAIN')
        }
      }
    },
  }
}

t.test('a reader who stands still holds nobody up, and reads the lines in their order with the number of those that were lost', async (t) => {
  const COUNT = 30_000
  async function stand (t: Test, { writer, read, text }: ReturnType<typeof pipeFor>, { write } = linesTo(writer)): Promise<void> {
    for (let i = 0; i < COUNT; i++) write(`${i} ${'x'.repeat(100)}\n`)
    while (!text().includes('were lost')) {
      read()
      await new Promise((resolve) => { setImmediate(resolve) })
    }
    const lines = text().split('\n').slice(0, -1)
    const kept = lines.filter((line) => /^\d+ x{100}$/.test(line))
    t.same(kept.map((line) => Number.parseInt(line)), Array.from({ length: kept.length }, (_, i) => i))
    t.ok(kept.length > 1_000)
    t.match(lines.slice(kept.length), [new RegExp(`"${COUNT - kept.length} lines of the log were lost"`)], 'without another line that would have to come first')
  }

  await t.test('of a pipe', async (t) => {
    const waits = t.capture(globalThis, 'setTimeout', globalThis.setTimeout)
    await stand(t, pipeFor(t))
    const asked = waits().map(({ args }) => (args as unknown[])[1])
    t.ok(asked.length > 10)
    t.ok(asked.every((ms) => ms === 1 || ms === 2), 'and whoever takes what there is, is not kept waiting for more')
  })
  await t.test('of somebody else\'s pipe', async (t) => {
    const pipe = pipeFor(t)
    const NOBODY = 65_534
    const isRoot = process.geteuid?.() === 0
    if (isRoot) process.seteuid?.(NOBODY)
    else fchmodSync(pipe.writer, 0)
    const lines = linesTo(pipe.writer)
    if (isRoot) process.seteuid?.(0)
    await stand(t, pipe, lines)
  })
})

t.test('of a line that could be written in part the rest is lost with its reader, and the next one begins anew', async (t) => {
  const { writer, leave, read, text } = pipeFor(t)
  const { write } = linesTo(writer)
  write(`${'x'.repeat(100_000)}\n`)
  const comeBack = leave()
  write('waits\n')
  // Later than what tries again.
  await new Promise((resolve) => { setTimeout(resolve, 5) })
  comeBack()
  write('after\n')
  while (!text().includes('were lost')) {
    read()
    await new Promise((resolve) => { setImmediate(resolve) })
  }
  t.match(text().replace(/^x{60000,99999}\n/, '(torn)\n'), /^\(torn\)\nafter\n\{.*"2 lines of the log were lost"\}\n$/)
})

t.test('what was said before the end is read, also when it ends by an error', async (t) => {
  const COUNT = 10_000
  const script = `
    import { linesTo } from '${new URL('../../plugins/log/lines.ts', import.meta.url).href}'
    const { write } = linesTo(1)
    for (let i = 0; i < ${COUNT}; i++) write(i + ' ' + 'x'.repeat(90) + '\\n')
    if (process.argv[1] === 'crash') throw new Error('foreseen by nobody')
    process.exit(0)
  `
  const wanted = Array.from({ length: COUNT }, (_, i) => `${i} ${'x'.repeat(90)}\n`).join('')
  for (const end of ['stop', 'crash']) {
    const piped = spawnSync('sh', ['-c', '"$0" "$@" 2>/dev/null | cat', process.execPath, '--input-type=module', '-e', script, end])
    t.equal(String(piped.stdout), wanted, `${end}, a pipe`)
    const socket = spawnSync(process.execPath, ['--input-type=module', '-e', script, end], { stdio: ['ignore', 'pipe', 'ignore'] })
    t.equal(String(socket.stdout), wanted, `${end}, a socket`)
    t.equal(socket.status, end === 'stop' ? 0 : 1)
  }
})
