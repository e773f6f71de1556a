import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, closeSync, constants, copyFileSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { folderFor } from './helper.ts'
import { freePort } from './mail/world.ts'
import { startProgram as start } from './program.ts'
import { settled } from './sockets/listening.ts'

/** What `npm start` loads first, in a tree of its own, so that compiled code is kept there: the file, and the folder. */
function ownTree (folder: string): { first: string, kept: string } {
  mkdirSync(join(folder, 'src'))
  mkdirSync(join(folder, 'node_modules'))
  const first = join(folder, 'src/needs-node.cjs')
  copyFileSync(join(import.meta.dirname, '../src/needs-node.cjs'), first)
  return { first, kept: join(folder, 'node_modules/.cache/node') }
}

const filesIn = (folder: string): string[] => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))

// The cache of whoever runs the tests would be used instead.
const OWN_CACHE = { NODE_COMPILE_CACHE: undefined }
const tree = ownTree(folderFor(t))

t.test('the first start makes its folder, says where it listens and how to make an admin, and ends on SIGTERM; also where nobody can write compiled code', async (t) => {
  const dataDir = join(t.testdir({}), 'new')
  const { first, kept } = ownTree(folderFor(t))
  // Root may write in every folder, but a file is none.
  if (process.getuid?.() === 0) writeFileSync(dirname(kept), '')
  else chmodSync(dirname(dirname(kept)), 0o555)
  const { child, ended, said } = start(t, { ...OWN_CACHE, VISAGE_DATA_DIR: dataDir, VISAGE_PROT: '1' }, first)
  const line = await said(/Visage listens on/)
  t.match(JSON.parse(await said(/VISAGE_PROT/)), { level: 40, msg: 'VISAGE_PROT is no setting and does nothing; did you mean VISAGE_PORT?' }, 'I6')
  await said(/no admin exists yet; this makes one: npm run -s visage -- users create --admin/)
  const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? ''
  t.same(await (await fetch(`${origin}/health/live`)).json(), { status: 'ok' })
  t.match(await (await fetch(`${origin}/openapi.json`)).json(), { openapi: '3.1.0' })

  t.equal(statSync(join(dataDir, 'jwt.secret')).mode & 0o777, 0o600)
  t.ok(readFileSync(join(dataDir, 'jwt.secret'), 'utf8').length >= 32)
  for (const name of ['visage.db', 'visage.db-wal']) t.equal(statSync(join(dataDir, name)).mode & 0o777, 0o600, name)

  child.kill('SIGTERM')
  t.same(await ended, [0, null])
})

t.test('a log that cannot be written ends nothing: not requests, and no stop', async (t) => {
  const pipe = (name: string) => {
    const path = join(t.testdirName, name)
    execFileSync('mkfifo', [path])
    return [openSync(path, constants.O_RDWR | constants.O_NONBLOCK), openSync(path, 'w')] as const
  }
  t.testdir({})
  const [still, toStill] = pipe('still')
  t.teardown(() => { closeSync(still) })
  const [gone, toNobody] = pipe('gone')
  closeSync(gone)
  const server = [process.execPath, join(import.meta.dirname, '../src/server.ts')]
  const logs = [
    ['a full disk', openSync('/dev/full', 'w'), server],
    ['a reader who stands still', toStill, server],
    ['a reader who is gone', toNobody, server],
    // Whoever starts a program by Node and does not read what it says.
    ['a socket at which nobody reads', 'pipe', server],
    ['a terminal that was told to wait', 'pipe', ['script', '--quiet', '--return', '--command', `exec ${server.join(' ')}`, '/dev/null']],
  ] as const
  for (const [name, log, [program = '', ...args]] of logs) {
    const port = await freePort(t)
    const env = { ...process.env, VISAGE_PORT: String(port), VISAGE_DATA_DIR: join(t.testdir({}), 'new'), VISAGE_RATE_LIMIT: 'off' }
    const child = spawn(program, args, { env, stdio: ['ignore', log, 'inherit'] })
    if (log !== 'pipe') closeSync(log)
    t.teardown(() => { child.kill('SIGKILL') })
    const ended = once(child, 'exit')
    const status = async (path: string) => await fetch(`http://127.0.0.1:${port}${path}`).then((response) => response.status, () => 0)
    while (await status('/health/ready') === 0) await nextTurn()
    // More lines than a pipe holds.
    const said = await Promise.all(Array.from({ length: 500 }, async () => await status('/v1/me')))
    t.same([...new Set(said), await status('/nothing')], [401, 404], name)
    child.kill('SIGTERM')
    t.same(await ended, [0, null], name)
  }
})

/** Of what later requests need, and a start does not: libraries, and a part of Node. */
const LATER = ['@fastify/swagger', '@fastify/swagger-ui', 'argon2', 'bcrypt', 'jose', 'nodemailer', 'pino-pretty', 'prom-client', 'sharp', 'yaml']
const LATER_OF_NODE = 'NativeModule internal/deps/undici/undici'
/** Tells at the end what has been loaded. */
const WATCH = `import { registerHooks } from 'node:module'
const files = []
registerHooks({ load (url, context, next) { files.push(url); return next(url, context) } })
process.on('exit', () => console.log(JSON.stringify({ files, node: process.moduleLoadList })))`

t.test('a second start keeps the secret, has what the first has compiled, and loads nothing that only later requests need', async (t) => {
  const dataDir = t.testdir({})
  const env = { ...OWN_CACHE, VISAGE_DATA_DIR: dataDir, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=data:text/javascript,${encodeURIComponent(WATCH)}` }
  const first = start(t, env, tree.first)
  await first.said(/Visage listens on/)
  const secret = readFileSync(join(dataDir, 'jwt.secret'), 'utf8')
  first.child.kill('SIGTERM')
  await first.ended
  const files = filesIn(tree.kept)
  t.ok(files.length > 100, `${files.length} files`)
  const second = start(t, { ...env, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' }, tree.first)
  await second.said(/Visage listens on/)
  t.equal(readFileSync(join(dataDir, 'jwt.secret'), 'utf8'), secret)
  second.child.kill('SIGTERM')
  await second.ended
  for (const used of [/retrieving transpile cache for StrippedTypeScript .*src\/app\.ts\.\.\.success/, /code cache for ESM .*src\/app\.ts was accepted/, /code cache for CommonJS .* was accepted/]) {
    t.ok(second.lines.some((line) => used.test(line)), String(used))
  }
  t.same(filesIn(tree.kept), files)
  const { files: loaded, node } = JSON.parse(second.lines.find((line) => line.startsWith('{"files"')) ?? '') as { files: string[], node: string[] }
  t.ok(loaded.some((file) => file.includes('/node_modules/fastify/')))
  t.same(LATER.filter((name) => loaded.some((file) => file.includes(`/node_modules/${name}/`))), [])
  t.notOk(node.includes(LATER_OF_NODE))
})

t.test('a start that cannot be says why in one line and exits 1, and broken compiled code is no reason', async (t) => {
  const held = createServer().listen(0, '127.0.0.1')
  t.teardown(() => { held.close() })
  await once(held, 'listening')
  const { port } = held.address() as AddressInfo
  for (const [i, file] of filesIn(tree.kept).entries()) writeFileSync(file, i % 2 === 0 ? '' : readFileSync(file).fill('x', 20))
  const running = start(t, { ...OWN_CACHE, VISAGE_DATA_DIR: t.testdir({}) }, tree.first)
  await running.said(/Visage listens on/)

  const broken = folderFor(t)
  writeFileSync(join(broken, 'visage.db'), 'no database at all'.repeat(1_000))
  const refused: [Record<string, string>, RegExp][] = [
    [{ VISAGE_PORT: 'x' }, /^VISAGE_PORT: expected a port from 0 to 65535, got "x"$/],
    [{ VISAGE_DATA_DIR: t.testdirName }, /^another server is running on this data folder$/],
    [{ VISAGE_HOST: 'nowhere.invalid', VISAGE_DATA_DIR: join(t.testdirName, 'other') }, /^VISAGE_HOST: /],
    [{ VISAGE_DATA_DIR: '/dev/null/x' }, /^VISAGE_DATA_DIR: /],
    [{ VISAGE_DATA_DIR: broken }, /^the database in \S+ is broken \(file is not a database\): /],
    [{ VISAGE_DATA_DIR: join(t.testdirName, 'other'), VISAGE_PORT: String(port), VISAGE_LOG_LEVEL: 'silent' }, /^VISAGE_PORT: .*EADDRINUSE/],
  ]
  for (const [env, message] of refused) {
    const { ended, lines } = start(t, env)
    t.same(await ended, [1, null])
    t.match(lines.at(-1), message)
    t.equal(lines.length, 1)
  }
  running.child.kill('SIGTERM')
  await running.ended
})

/** What is sent over a connection of its own, once it has been answered or is to be left. */
async function send (port: number, text: string, isLeft = false): Promise<void> {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  await once(socket, 'connect')
  socket.write(text)
  if (!isLeft) await once(socket.on('data', () => socket.end()), 'close')
  else socket.end(() => { setImmediate(() => { socket.resetAndDestroy() }) })
}

t.test('one line for each request, in order, also for what is refused before there is a route; a trusted proxy names it', async (t) => {
  const port = await freePort(t)
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const env = { VISAGE_TRUST_PROXY: '127.0.0.0/8', VISAGE_PUBLIC_URL: 'https://example.com', VISAGE_LOG_LEVEL: 'warn,requests=info,house=info' }
  const { child, ended, lines, said } = start(t, { ...env, VISAGE_DATA_DIR: t.testdir({}), VISAGE_PORT: String(port) })
  const seen = (count: number) => settled(() => lines.filter((line) => line.includes('"msg":"request"')).map((line) => JSON.parse(line) as Record<string, unknown>), ({ length }) => length >= count)
  await said(/no admin exists yet/)
  const head = (line: string, ...headers: string[]) => [`${line} HTTP/1.1`, 'Host: x', ...headers, 'Connection: close', '', ''].join('\r\n')
  const cases: [text: string, told: object][] = [
    [head('GET /health/live', 'X-Request-Id: of-the-proxy', `traceparent: 00-${trace}-00f067aa0ba902b7-01`, 'X-Forwarded-For: 203.0.113.7'), { id: 'of-the-proxy', trace, family: null, route: '/health/live', method: 'GET', status: 200, address: '203.0.113.7' }],
    [head('GET /api/v2/user/1/', 'X-Request-Id: two words'), { id: /^[0-9a-f]{8}-1$/, family: 'community', route: '/api/v2/user/:id/', status: 404 }],
    [head('GET /api/v2/nowhere/Ada'), { family: null, route: null, status: 404 }],
    [head('GET /nowhere/Ada'), { family: null, route: null, status: 404 }],
    [head('GET /api/users/%zz/'), { family: null, route: null, status: 404 }],
    [head('REPORT /api/users/1/'), { family: 'staff', route: '/api/users/:id/', method: 'REPORT', status: 401 }],
    ['NOTHING THAT IS HTTP\r\n\r\n', { id: null, method: null, route: null, status: 400, ms: null }],
    [`GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, { method: null, status: 431 }],
    [head('POST /api/sign-in/', 'Expect: the-unexpected', 'Content-Length: 0'), { route: null, status: 417 }],
    [head('POST /api/sign-in/', 'Content-Type: application/json', 'Content-Length: 9').replace('Connection: close\r\n', '') + '{', { family: 'personal', route: '/api/sign-in/', status: 499 }],
  ]
  for (const [i, [text, told]] of cases.entries()) {
    await send(port, text, told === cases.at(-1)?.[1])
    const found = await seen(i + 1)
    t.equal(found.length, i + 1)
    t.match(found[i], { level: 30, part: 'requests', actor: null, ...told }, text.slice(0, 40))
  }
  t.notMatch(lines.join(), /Ada|two words|part":"mail/)
  child.kill('SIGTERM')
  await ended
  t.equal((await seen(0)).length, cases.length)
})
