import Database from 'better-sqlite3'
import { join } from 'node:path'
import t from 'tap'
import { createPresence } from '../../src/core/presence.ts'
import { build, signUp } from '../helper.ts'

const MINUTE = 60_000

t.test('a person is online for five minutes after the last request, and nothing is written before the flush', async (t) => {
  const built = await build(t)
  const { id } = await signUp(built, 'ada')
  const raw = new Database(join(built.dataDir, 'visage.db'), { readonly: true })
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
  const other = new Database(join(built.dataDir, 'visage.db'))
  const presence = createPresence({ db: built.core.db, now: () => 42 })
  presence.saw(id)
  other.exec('BEGIN IMMEDIATE')
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
