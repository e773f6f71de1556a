import { mock } from 'node:test'
import t from 'tap'
import { only } from '../engines.ts'
import { build, signUp, tokenOf } from '../helper.ts'
import { FAMILIES, NAMES } from './families.ts'
import { openStore } from './world.ts'

/* DESIGN §9: presence is kept in memory, written every 30 s and at close. */

await t.test('no request writes, the clock does', { skip: only.file }, async (t) => {
  // The clock of Node stands still until told; nothing of the service is replaced.
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => mock.timers.reset())
  const built = await build(t)
  const { sql } = openStore(t, built.dataDir)
  const seen = (id: number) => sql.prepare('select last_seen_at from users where id = ?').pluck().get(id) as number | null
  const ada = await signUp(built, 'ada')
  const admin = await signUp(built, 'regina', { isAdmin: true })
  const token = await tokenOf(built, admin)
  const isOnline = async () => (await built.app.inject({ method: 'GET', url: `/api/users/${ada.id}/`, headers: token })).json().is_online
  t.equal(await isOnline(), false, 'nobody has made a request with credentials')

  const before = sql.prepare('select * from users').all()
  const version = sql.pragma('data_version')
  for (const family of NAMES) {
    const headers = family === 'staff' ? token : ada.headers
    for (let i = 0; i < 10; i++) t.equal((await built.app.inject({ ...FAMILIES[family].read(ada.id), headers })).statusCode, 200)
  }
  t.equal(await isOnline(), true, 'known at once')
  t.same(sql.pragma('data_version'), version, 'thirty requests, and the file was not written')
  t.strictSame(sql.prepare('select * from users').all(), before)

  mock.timers.tick(29_999)
  await new Promise(setImmediate)
  t.same(sql.pragma('data_version'), version, 'not before 30 s')
  mock.timers.tick(1)
  for (let turn = 0; turn < 10_000 && seen(ada.id) === null; turn++) await new Promise(setImmediate)
  t.ok(Date.now() - Number(seen(ada.id)) < 60_000, 'written after 30 s')
  t.ok(Date.now() - Number(seen(admin.id)) < 60_000)
  const after = sql.prepare('select * from users where id = ?').get(ada.id) as object
  t.strictSame({ ...after, last_seen_at: null }, before[0], 'and nothing else')
})

await t.test('written at close, and known after the next start', async (t) => {
  const dataDir = t.testdir({})
  const built = await build(t, { dataDir })
  const { sql } = openStore(t, dataDir)
  const ada = await signUp(built, 'ada')
  const admin = await signUp(built, 'regina', { isAdmin: true })
  const before = sql.prepare('select * from users where id = ?').get(ada.id) as object
  t.equal((await built.app.inject({ ...FAMILIES.personal.read(ada.id), headers: ada.headers })).statusCode, 200)
  t.strictSame(sql.prepare('select * from users where id = ?').get(ada.id), before)
  await built.app.close()
  const after = sql.prepare('select * from users where id = ?').get(ada.id) as { last_seen_at: number }
  t.ok(Date.now() - after.last_seen_at < 60_000)
  t.strictSame({ ...after, last_seen_at: null }, before)

  const next = await build(t, { dataDir })
  const show = async () => (await next.app.inject({ ...FAMILIES.staff.read(ada.id), headers: admin.headers })).json()
  t.equal((await show()).is_online, true)
  sql.prepare('update users set last_seen_at = ? where id = ?').run(Date.now() - 5 * 60_000 - 1_000, ada.id)
  t.equal((await show()).is_online, false, 'five minutes')
})
