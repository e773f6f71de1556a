import type { Database as Connection } from 'better-sqlite3'
import { sql } from '../../drizzle.ts'
import type { BetterSQLite3Database } from '../../drizzle.ts'
import type { SearchIndex } from '../../engine.ts'
import { users } from '../../schema.ts'
import { searchChecks } from './checks.ts'
import { createCompaction } from './compaction.ts'
import { createHalves, discard, HALVES, sweepDiscarded } from './halves.ts'
import { createMove } from './move.ts'
import type { SearchRenewal } from './renewal.ts'
import { EVERYBODY, GIVEN_UP, stateOf } from './state.ts'
import type { SearchState } from './state.ts'
import { LAYOUT } from '../../search/texts.ts'

/** The index of earlier versions. */
const FORMER = 'search'

/** Gives up whatever index there is and begins a new one, in which nobody is yet; part of a transaction. Searches look at everybody until `move` has put them in. */
export function makeAnew (db: BetterSQLite3Database, connection: Connection): void {
  for (const table of [FORMER, ...HALVES]) discard(connection, table)
  createHalves(connection)
  const isEmpty = db.select({ id: users.id }).from(users).limit(1).get() === undefined
  // A new folder, where there is little to remove.
  if (isEmpty) while (sweepDiscarded(connection));
  stateOf(db).set({ indexedTo: isEmpty ? EVERYBODY : 0, openHalf: 0, hasLeftovers: false, passesLeft: 0, layout: LAYOUT })
}

/** Whether the index is one that this version can go on with. */
export function isUsable (db: BetterSQLite3Database): boolean {
  const { indexedTo, layout } = stateOf(db).read()
  return indexedTo !== GIVEN_UP && layout === LAYOUT
}

/** The index as those see it who look after it; searching is in `directory/`. */
export function searchQueries (db: BetterSQLite3Database, connection: Connection, renewal: SearchRenewal): SearchIndex {
  const state = stateOf(db)
  const move = createMove(db, renewal)
  const compact = createCompaction(db, connection)
  const last = db.select({ id: sql<number | null>`max(${users.id})` }).from(users).prepare()

  return {
    ...searchChecks(db, connection),

    /** Up to which account everybody is in the index, of how many ids; whether it is given up, and whether it keeps what was removed. */
    async state (): Promise<SearchState & { lastId: number, isWhole: boolean, isGivenUp: boolean }> {
      const now = state.read()
      return { ...now, lastId: last.get()?.id ?? 0, isWhole: now.indexedTo === EVERYBODY, isGivenUp: now.indexedTo === GIVEN_UP }
    },

    async makeAnew (): Promise<void> {
      makeAnew(db, connection)
    },

    /** Puts so many accounts into the index, with the commit of this work. */
    async move (most: number): Promise<void> {
      renewal.later(() => move(most))
    },

    /** Puts an account into the index anew, or takes out one that is gone, with the commit of this work. */
    async renew (userId: number): Promise<void> {
      renewal.noteWhole(userId)
    },

    /** Goes a step further in taking what was removed out of the file, with the commit of this work. */
    async compact (): Promise<void> {
      renewal.later(compact)
    },

    /** Removes a part of an index that was given up. Resolves to whether there may be more. */
    async sweep (): Promise<boolean> {
      return sweepDiscarded(connection)
    },
  }
}
