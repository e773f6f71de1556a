import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import type { Test } from 'tap'
import { openDatabase } from '../../src/db/index.ts'
import { createReaders } from '../../src/db/sqlite/readers.ts'
import type { PeopleQuery } from '../../src/db/directory/index.ts'
import { folderFor } from '../helper.ts'
import { retried } from '../retried.ts'
import { turnsDuring } from '../turns.ts'

const EVERYBODY: PeopleQuery = { reader: null, beyond: [], attributes: { ofAll: [], own: [], shown: 'all' }, where: [], order: [], limit: 10, offset: 0 }
/** Takes long, because nobody's place is as simple as here. */
const SLOW: PeopleQuery = { ...EVERYBODY, order: [{ by: 'distance', direction: 'asc', shown: 'all', from: '0,0' }] }
const PLACE = '1,'.repeat(10_000)
const PATIENCE_MS = 500
const BROKEN = { ...EVERYBODY, order: [{ by: 'nothing', direction: 'asc', shown: 'all' }] } as unknown as PeopleQuery

async function open (t: Test, count = 3) {
  const dataDir = folderFor(t)
  const db = await openDatabase({ dataDir, exclusive: true })
  t.teardown(() => db.close())
  await db.write(async (tx) => {
    for (let i = 0; i < count; i++) await tx.users.insert({ username: `u${i}`, positionLatLng: PLACE, createdAt: 1, updatedAt: 1 })
  })
  const readers = createReaders(join(dataDir, 'visage.db'))
  t.teardown(() => readers.close(PATIENCE_MS))
  return { dataDir, db, readers }
}

t.test('sees what is committed, at once', async (t) => {
  const { db } = await open(t)
  t.same(await db.find(EVERYBODY), { count: 3, ids: [1, 2, 3] })
  await db.write(async (tx) => { await tx.users.insert({ username: 'new', createdAt: 1, updatedAt: 1 }) })
  t.same(await db.find(EVERYBODY), { count: 4, ids: [1, 2, 3, 4] })
})

t.test('the event loop turns while a query runs, and a short one overtakes a long one', async (t) => {
  const { readers } = await open(t, 1_000)
  await Promise.all([readers.find(EVERYBODY), readers.find(EVERYBODY)])
  let turns = 0
  const ended: string[] = []
  const slow = readers.find(SLOW).then(() => ended.push('slow'))
  const short = readers.find(EVERYBODY).then(() => ended.push('short'))
  while (ended.length < 2) {
    await nextTurn()
    turns++
  }
  await Promise.all([slow, short])
  t.same(ended, ['short', 'slow'])
  t.ok(turns > 100, `${turns} turns`)
})

t.test('a query that fails fails alone', async (t) => {
  const { readers } = await open(t)
  const answers = await Promise.allSettled([readers.find(BROKEN), readers.find(EVERYBODY), readers.find(BROKEN), readers.find(EVERYBODY)])
  t.same(answers.map(({ status }) => status), ['rejected', 'fulfilled', 'rejected', 'fulfilled'])
})

t.test('too many are refused, and those who wait at the end are told', async (t) => {
  const { readers } = await open(t)
  const answers = Array.from({ length: 300 }, () => readers.find(EVERYBODY))
  const all = Promise.allSettled(answers)
  await t.rejects(answers.at(-1) as Promise<unknown>, { code: 'DATABASE_BUSY' })
  await readers.close(PATIENCE_MS)
  const settled = await all
  t.ok(settled.some(({ status, reason }: { status: string, reason?: unknown }) => status === 'rejected' && /closed/.test(String(reason))), 'nobody waits for ever')
  await t.rejects(readers.find(EVERYBODY), { code: 'DATABASE_BUSY' })
})

t.test('without its file a thread ends, and the next query starts another one', async (t) => {
  const folder = folderFor(t)
  const readers = createReaders(join(folder, 'visage.db'))
  t.teardown(() => readers.close(PATIENCE_MS))
  await t.rejects(readers.find(EVERYBODY), /a reader of the database has ended/)
  const db = await openDatabase({ dataDir: folder, exclusive: true })
  t.teardown(() => db.close())
  t.same(await readers.find(EVERYBODY), { count: 0, ids: [] })
})

t.test('D2 closing does not wait for a query that runs, and whoever waits for its answer is told', async (t) => {
  const ms = await retried(async () => {
    const { readers } = await open(t, 4_000)
    await readers.find(EVERYBODY)
    const slow = readers.find(SLOW)
    const isOver = slow.then(() => true, () => true)
    t.equal(await Promise.race([isOver, nextTurn(false)]), false, 'it runs')
    const started = performance.now()
    const told = t.rejects(slow, { code: 'DATABASE_BUSY', message: 'the database is closed' })
    await readers.close(PATIENCE_MS)
    await told
    return performance.now() - started
  }, (ms) => ms < 1_000)
  t.ok(ms < 1_000, `closed after ${Math.round(ms)} ms`)
})

t.test('C6 while somebody else has the whole file, a reader says so in our word, also when it only starts; then it answers', async (t) => {
  const folder = folderFor(t)
  await (await openDatabase({ dataDir: folder, exclusive: true })).close()
  const readers = createReaders(join(folder, 'visage.db'))
  t.teardown(() => readers.close(PATIENCE_MS))
  const holder = new Sqlite(join(folder, 'visage.db'))
  t.teardown(() => { holder.close() })
  // In WAL mode nobody can lock readers out, but for whoever comes first and wants no others.
  holder.pragma('locking_mode = EXCLUSIVE')
  holder.exec('begin exclusive')
  const busy = { code: 'DATABASE_BUSY', message: 'database is locked' }
  await t.rejects(readers.find(EVERYBODY), busy)
  await t.rejects(readers.listGroups({}, 10, 0), busy)
  await t.rejects(readers.countMembers(1), busy)
  holder.close()
  t.same(await readers.find(EVERYBODY), { count: 0, ids: [] })
})

t.test('C6 another failure of a query keeps its code and its text', async (t) => {
  const { readers } = await open(t)
  await t.rejects(readers.find({ ...EVERYBODY, limit: 1.5 }), { code: 'SQLITE_MISMATCH', message: 'datatype mismatch' })
})

t.test('C5 the event loop turns while the people in groups are counted', async (t) => {
  const { dataDir, db, readers } = await open(t)
  const raw = new Sqlite(join(dataDir, 'visage.db'))
  t.teardown(() => { raw.close() })
  // People who are not there are counted like others, and made sooner.
  raw.pragma('foreign_keys = OFF')
  raw.exec(`insert into groups (id, name, created_at, updated_at) values (1, 'All', 1, 1);
    with recursive s (i) as (select 1 union all select i + 1 from s where i < 200000) insert into memberships (user_id, group_id) select i, 1 from s`)
  await readers.find(EVERYBODY)
  const questions = { list: () => db.listGroups({}, 10, 0), get: () => db.countMembers(1) }
  await questions.get()
  for (const [name, ask] of Object.entries(questions)) {
    const { answer, turns } = await retried(() => turnsDuring<unknown>(ask), ({ turns }) => turns > 20)
    t.match(answer, name === 'get' ? 200_000 : { count: 1, groups: [{ name: 'All', usersCount: 200_000 }] })
    t.ok(turns > 20, `${name}: ${turns} turns`)
  }
})
