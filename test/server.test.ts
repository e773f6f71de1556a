import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import t from 'tap'
import { folderFor } from './helper.ts'
import { startProgram as start } from './program.ts'

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

  const refused: [Record<string, string>, RegExp][] = [
    [{ VISAGE_PORT: 'x' }, /^VISAGE_PORT: expected a port from 0 to 65535, got "x"$/],
    [{ VISAGE_DATA_DIR: t.testdirName }, /^another server is running on this data folder$/],
    [{ VISAGE_HOST: 'nowhere.invalid', VISAGE_DATA_DIR: join(t.testdirName, 'other') }, /^VISAGE_HOST: /],
    [{ VISAGE_DATA_DIR: '/dev/null/x' }, /^VISAGE_DATA_DIR: /],
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
