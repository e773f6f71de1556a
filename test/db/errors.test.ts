import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import { translated } from '../../src/db/errors.ts'
import { openDatabase } from '../../src/db/index.ts'
import { prepareReading } from '../../src/db/sqlite/queries.ts'

const thrown = (code: string) => Object.assign(new Error(`said ${code}`), { code })

t.test('the engine\'s words become ours, and keep what was said', async (t) => {
  for (const [code, ours] of [
    ['SQLITE_BUSY', 'DATABASE_BUSY'],
    ['SQLITE_BUSY_SNAPSHOT', 'DATABASE_BUSY'],
    ['SQLITE_BUSY_RECOVERY', 'DATABASE_BUSY'],
    ['SQLITE_PROTOCOL', 'DATABASE_BUSY'],
    ['SQLITE_FULL', 'DATABASE_FULL'],
    ['SQLITE_IOERR', 'DATABASE_UNCERTAIN'],
    ['SQLITE_IOERR_FSYNC', 'DATABASE_UNCERTAIN'],
  ] as const) {
    const cause = thrown(code)
    t.match(translated(cause), { name: 'DatabaseError', code: ours, message: `said ${code}`, cause })
  }
})

t.test('anything else passes through as it is', async (t) => {
  for (const error of [thrown('SQLITE_CONSTRAINT_UNIQUE'), thrown('ENOSPC'), new Error('no code'), undefined, null, 'a text']) t.equal(translated(error), error)
})

t.test('C6 a read says in our word that somebody else has the file, whatever is read; then it answers', async (t) => {
  const dataDir = t.testdir({})
  const db = await openDatabase({ dataDir, exclusive: true })
  const { id } = await db.write((tx) => tx.users.insert({ username: 'ada', createdAt: 1, updatedAt: 1 }))
  await db.close()
  const [reading, holder] = [new Sqlite(join(dataDir, 'visage.db'), { timeout: 0 }), new Sqlite(join(dataDir, 'visage.db'))]
  t.teardown(() => { for (const connection of [reading, holder]) connection.close() })
  // In WAL mode only the recovery of a log keeps a connection out that has read before, and nobody can make that last. Without
  // a log whoever writes does.
  holder.pragma('journal_mode = DELETE')
  const read = prepareReading(reading)
  const questions = [
    () => read.users.find(id), () => read.users.findByUsername('ada'), () => read.sessions.find(1), () => read.sessions.list(id, 1, 1), () => read.keys.findByHash('h'),
    () => read.avatars.list(id, 1, 0), () => read.search.state(), () => read.search.isInStep(), () => read.search.damage(), () => read.sealed.count(), () => read.contacts.check(0, 1),
    async () => read.profileFields.declared(),
  ]
  const ask = async () => (await Promise.allSettled(questions.map((question) => question()))).map((end) => end.status === 'fulfilled' ? 'an answer' : (end.reason as { code: string }).code)
  holder.exec('begin exclusive')
  t.same(await ask(), questions.map(() => 'DATABASE_BUSY'))
  holder.exec('rollback')
  t.same(await ask(), questions.map(() => 'an answer'))
})
