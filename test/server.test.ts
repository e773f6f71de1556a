import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { startProgram as start } from './program.ts'

t.test('the first start makes its folder, says where it listens and how to make an admin, and ends on SIGTERM', async (t) => {
  const dataDir = join(t.testdir({}), 'new')
  const { child, ended, said } = start(t, { VISAGE_DATA_DIR: dataDir, VISAGE_PROT: '1' })
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

t.test('a second start keeps the secret', async (t) => {
  const dataDir = t.testdir({})
  const first = start(t, { VISAGE_DATA_DIR: dataDir })
  await first.said(/Visage listens on/)
  const secret = readFileSync(join(dataDir, 'jwt.secret'), 'utf8')
  first.child.kill('SIGTERM')
  await first.ended
  const second = start(t, { VISAGE_DATA_DIR: dataDir })
  await second.said(/Visage listens on/)
  t.equal(readFileSync(join(dataDir, 'jwt.secret'), 'utf8'), secret)
  second.child.kill('SIGTERM')
  await second.ended
})

t.test('a start that cannot be says why in one line and exits 1', async (t) => {
  const held = createServer().listen(0, '127.0.0.1')
  t.teardown(() => { held.close() })
  await once(held, 'listening')
  const { port } = held.address() as AddressInfo
  const running = start(t, { VISAGE_DATA_DIR: t.testdir({}) })
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
