import { readFileSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { openService } from '../../src/app.ts'
import type { Options } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { OPERATOR } from '../../src/core/access.ts'
import { createClockProbe } from '../../src/core/health.ts'
import { visage } from '../commands/visage.ts'
import { engine, openSql, placeOf } from '../engines.ts'
import { build, dataFolderFor } from '../helper.ts'
import { startRude } from '../mail/world.ts'

/** A core of its own, whose next look is a new one. */
async function place (t: Test, options: Options = {}) {
  const dataDir = await dataFolderFor(t)
  let clock = 0
  const core = await openService({ config: { ...loadConfig(), diskFloor: 1, ...options, ...placeOf(dataDir) }, exclusive: true, clock: () => clock })
  t.teardown(() => core.close())
  const file = openSql(dataDir, { timeout: 0 })
  t.teardown(() => { file.close() })
  async function look () {
    clock += 1_000
    const { status, checks } = await core.health.look()
    return { status, failing: checks.filter((check) => check.status !== 'ok').map(({ name, detail }) => `${name}: ${detail}`) }
  }
  return { dataDir, core, file, look }
}

/** The image processes of this one. */
const children = (): number[] => readdirSync('/proc/self/task').flatMap((task) => readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').map(Number))
  .filter((pid) => pid > 0 && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('images/process'))

const FINE = { status: 'ok', failing: [] }

t.test('a folder, a table, the file or the lock that requests need: unavailable, and over when mended', async (t) => {
  const { dataDir, file, look } = await place(t)
  t.same(await look(), FINE)
  const at = (...path: string[]) => join(dataDir, ...path)
  for (const folder of ['staging', 'media', join('media', 'covers')]) {
    renameSync(at(folder), at('away'))
    t.match(await look(), { status: 'unavailable', failing: [/^store: ENOENT/] }, folder)
    renameSync(at('away'), at(folder))
    t.same(await look(), FINE)
  }
  file.exec('alter table sessions rename to away')
  t.match(await look(), { status: 'unavailable', failing: ['database: tables are missing: sessions'] })
  file.exec('alter table away rename to sessions')
  t.same(await look(), FINE)
  file.exec("insert into __drizzle_migrations (hash, created_at) values ('of a newer program', 9e12)")
  // Over PostgreSQL a program goes on beside a newer one.
  if (engine === 'SQLite') t.match(await look(), { status: 'unavailable', failing: [/^migrations: the database was written by/] })
  file.exec('delete from __drizzle_migrations where created_at = 9e12')
  t.same(await look(), FINE)
  const written = file.prepare("select value from __drizzle_migrations, __visage where name = 'written_at'").all()
  t.same(written, [], 'asking writes nothing that stays')
  file.exec('begin immediate')
  t.match(await look(), { status: 'unavailable', failing: ['database: no answer within 750 ms'] })
  file.exec('rollback')
  t.same(await look(), FINE)
  if (engine === 'PostgreSQL') return
  renameSync(at('visage.db'), at('away.db'))
  t.match(await look(), { status: 'unavailable', failing: [/^database: visage\.db is not the file/] })
  renameSync(at('away.db'), at('visage.db'))
  t.same(await look(), FINE)
})

t.test('the image process stopped, and killed', async (t) => {
  const { core, look } = await place(t)
  // An idle image process keeps nobody awake.
  const awake = setInterval(() => {}, 1_000)
  t.teardown(() => { clearInterval(awake) })
  const before = new Set(children())
  await core.images.probes.child(true)
  t.same(await look(), FINE)
  const pid = children().find((pid) => !before.has(pid)) ?? 0
  process.kill(pid, 'SIGSTOP')
  t.same(await look(), { status: 'degraded', failing: ['images: no answer within 750 ms'] })
  process.kill(pid, 'SIGCONT')
  await core.images.probes.child()
  t.same(await look(), FINE)
  process.kill(pid, 'SIGKILL')
  await t.rejects(core.images.probes.child(), { code: 'IMAGE_UNAVAILABLE' })
  await core.images.probes.child()
  t.same(await look(), FINE, 'it has a successor, which works')
  core.beginClose()
  t.same(await look(), { status: 'unavailable', failing: ['service: it is closing'] })
})

t.test('a disk below the floor, and a mail server that says nothing', async (t) => {
  t.match(await (await place(t, { diskFloor: 2 ** 50 })).look(), { status: 'degraded', failing: [/^disk: \d+ MiB of the disk are free, fewer than VISAGE_DISK_FLOOR$/] })

  let isSilent = true
  const { port } = await startRude(t, (command) => command === '' && isSilent ? null : undefined)
  const { core, look } = await place(t, { smtpUrl: `smtp://127.0.0.1:${port}?greetingTimeout=50` })
  t.same(await look(), FINE, 'nobody has waited for it yet')
  const { id } = await core.users.create(OPERATOR, { username: 'ada', email: 'ada@example.com' }, { family: 'operator' })
  await core.db.write((tx) => core.mail.post(tx, id, { template: 'password-changed', to: 'ada@example.com', params: { username: 'ada' } }))
  await core.mail.deliver()
  t.same(await look(), { status: 'degraded', failing: ['mail: Greeting never received'] })
  isSilent = false
  await core.mail.trouble(true)
  t.same(await look(), FINE, 'it is asked again before the queue does')
})

t.test('a clock that was set', async (t) => {
  let [clock, steady, newest] = [1_000_000, 0, 1_000_000]
  const { ask } = createClockProbe({ newest: async () => newest, clock: () => clock, steady: () => steady })
  const pass = (ms: number) => { clock += ms; steady += ms }
  t.equal(await ask(), undefined)
  pass(60_000)
  clock += 9_000
  t.equal(await ask(), undefined, 'nudged')
  clock -= 69_000 + 11_000
  t.equal(await ask(), 'the clock was set back by 71 s')
  clock += 71_000
  t.equal(await ask(), undefined, 'and over when it is put right')
  clock += 3_600_000
  newest = clock
  t.equal(await ask(), 'the clock was set forward by 3600 s')
  pass(600_000)
  t.equal(await ask(), undefined, 'most are set to be right')
  newest = clock + 3_000_000
  t.equal(await ask(), 'the clock is 3000 s behind the last change that was written', 'also when it was set before the start')
})

t.test('GET /health/ready and `visage check` tell it', async (t) => {
  const built = await build(t, { diskFloor: 1 })
  const { app, dataDir } = built
  const ask = () => app.inject({ url: '/health/ready' })
  const answer = await ask()
  t.same([answer.statusCode, answer.json(), answer.headers['cache-control']], [200, { status: 'ok' }, 'no-store'])
  const lines = async (...args: string[]) => {
    const { code, stdout } = await visage(dataDir, ['check', ...args], { VISAGE_DISK_FLOOR: args.length === 0 ? '1' : '1048576GiB' })
    return { code, lines: stdout.trim().split('\n') }
  }
  t.same(await lines(), { code: 0, lines: [...['database', 'migrations', 'store', 'mail', 'images', 'disk', 'clock'].map((name) => `${name.padEnd(12)}ok`), 'ok'] })
  const { code, lines: [...said] } = await lines('--json')
  t.same([code, said.at(-1)], [0, '{"status":"degraded"}'])
  t.match(JSON.parse(said.at(-3) ?? ''), { name: 'disk', status: 'degraded', detail: /free/ })
  const sql = openSql(dataDir)
  sql.exec('alter table invitations rename to away')
  sql.close()
  t.same(await lines(), { code: 1, lines: ['database    unavailable: tables are missing: invitations', ...['migrations', 'store', 'mail', 'images', 'disk', 'clock'].map((name) => `${name.padEnd(12)}ok`), 'unavailable'] })
})
