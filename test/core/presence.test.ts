import t from 'tap'
import { createPresence } from '../../src/core/people/presence.ts'
import { openSql } from '../engines.ts'
import { build, signUp } from '../helper.ts'
import { stepsDuring } from '../turns.ts'

const MINUTE = 60_000

t.test('a person is online for five minutes after the last request, and nothing is written before the flush', async (t) => {
  const built = await build(t)
  const { id } = await signUp(built, 'ada')
  const raw = openSql(built.dataDir, { readonly: true })
  t.teardown(() => { raw.close() })
  const stored = () => raw.prepare('select last_seen_at, version, updated_at from users where id = ?').get(id) as Record<string, number | null>
  let now = 1_000_000
  const presence = createPresence({ db: built.core.db, now: () => now })
  const before = stored()

  t.equal(presence.isOnline({ id, lastSeenAt: null }), false)
  presence.saw(id)
  t.equal(presence.isOnline({ id, lastSeenAt: null }), true)
  t.same(stored(), before)

  await presence.flush()
  t.same(stored(), { ...before, last_seen_at: 1_000_000 }, 'neither the version nor updated_at moves')

  now += 5 * MINUTE - 1
  t.equal(presence.isOnline({ id, lastSeenAt: 0 }), true, 'what is in memory is newer than the row')
  now += 1
  t.equal(presence.isOnline({ id, lastSeenAt: 0 }), false)
})

t.test('what one process wrote, another reads', async (t) => {
  const { core } = await build(t)
  const now = () => 10 * MINUTE
  const presence = createPresence({ db: core.db, now })
  t.equal(presence.isOnline({ id: 7, lastSeenAt: 6 * MINUTE }), true)
  t.equal(presence.isOnline({ id: 7, lastSeenAt: 5 * MINUTE }), false)
})

t.test('a flush that failed is made up for by the next', async (t) => {
  const built = await build(t)
  const { id } = await signUp(built, 'ada')
  const other = openSql(built.dataDir)
  const presence = createPresence({ db: built.core.db, now: () => 42 })
  presence.saw(id)
  other.exec('begin immediate')
  await t.rejects(presence.flush(), { code: 'DATABASE_BUSY' })
  other.exec('ROLLBACK')
  await presence.flush()
  t.equal(other.prepare('select last_seen_at from users where id = ?').pluck().get(id), 42)
  other.close()
})

t.test('closing the service writes who was seen', async (t) => {
  const built = await build(t)
  const { id, headers } = await signUp(built, 'ada')
  await built.app.inject({ url: '/api/profile/', headers })
  await built.app.close()
  t.type((await built.core.db.read.users.find(id))?.lastSeenAt, 'number')
})

t.test('C5 very many are written some at a time, also when some fail, and until then they are told from memory', async (t) => {
  const { core, dataDir } = await build(t)
  const file = openSql(dataDir, { timeout: 0 })
  t.teardown(() => { file.close() })
  const count = 2_300
  file.exec(`with recursive s (i) as (select 1 union all select i + 1 from s where i < ${count}) insert into users (username, created_at, updated_at) select 'u' || i, 1, 1 from s;
    insert into sessions (user_id, refresh_id, created_at, expires_at) select id, 'r', 1, 9 from users`)
  let now = 1_000_000
  const presence = createPresence({ db: core.db, now: () => now })
  for (let id = 1; id <= count; id++) presence.saw(id, { kind: 'session', id })
  const written = file.prepare('select (select count(*) from users where last_seen_at = 1000000) + (select count(*) from sessions where last_seen_at = 1000000)').pluck()

  file.exec(`create trigger refused before update on users when old.id = 1200 begin select raise(abort, 'refused'); end`)
  await t.rejects(presence.flush(), { message: 'refused' })
  t.equal(written.get(), 1_000, 'what was written before stays written')
  t.equal(presence.online().ids.length, count - 1_000, 'and only the rest is told from memory')
  file.exec('drop trigger refused')
  now += 1
  presence.saw(7)
  t.ok(presence.online().ids.includes(7), 'whoever comes again is told from memory')
  const steps = await stepsDuring(presence.flush, () => written.get() as number)
  t.equal(written.get(), 2 * count - 1, 'everybody, and one later')
  t.ok(steps.length >= 14 && steps.every((step) => step <= 250), `two hundred and fifty at a time: ${steps.join()}`)
  t.equal(presence.online().ids.length, 0)
})
