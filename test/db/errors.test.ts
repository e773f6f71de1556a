import t from 'tap'
import { translated } from '../../src/db/errors.ts'

const thrown = (code: string) => Object.assign(new Error(`said ${code}`), { code })

t.test('the engine\'s words become ours, and keep what was said', async (t) => {
  for (const [code, ours] of [
    ['SQLITE_BUSY', 'DATABASE_BUSY'],
    ['SQLITE_BUSY_SNAPSHOT', 'DATABASE_BUSY'],
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
