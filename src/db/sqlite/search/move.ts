import { asc, sql } from '../../drizzle.ts'
import type { BetterSQLite3Database } from '../../drizzle.ts'
import { users } from '../../schema.ts'
import type { SearchRenewal } from './renewal.ts'
import { EVERYBODY, GIVEN_UP, stateOf } from './state.ts'
import { sourcesOf } from '../../search/texts.ts'

/** As many as a commit may add without holding up the others: those of two hundred people who say little, or of a few who say much. */
const LETTERS_AT_ONCE = 20_000

/** Puts accounts into the index that are not in it yet, in the order of their ids: so many at a time, or fewer who say much. A job of the renewal. */
export function createMove (db: BetterSQLite3Database, { add }: SearchRenewal): (most: number) => void {
  const state = stateOf(db)
  const next = db.select(sourcesOf(users)).from(users).where(sql`${users.id} > ${sql.placeholder('after')}`).orderBy(asc(users.id)).limit(sql.placeholder('limit')).prepare()

  return (most) => {
    const { indexedTo } = state.read()
    if (indexedTo === EVERYBODY || indexedTo === GIVEN_UP) return
    const accounts = next.all({ after: indexedTo, limit: most })
    let [last, letters] = [indexedTo, 0]
    for (const account of accounts) {
      if (letters >= LETTERS_AT_ONCE) break
      letters += add(account)
      last = account.id
    }
    const isEnd = accounts.length < most && last === (accounts.at(-1)?.id ?? indexedTo)
    state.set({ indexedTo: isEnd ? EVERYBODY : last })
  }
}
