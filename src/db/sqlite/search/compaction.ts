import type { Database as Connection } from 'better-sqlite3'
import type { BetterSQLite3Database } from '../../drizzle.ts'
import { halvesOf } from './halves.ts'
import { GIVEN_UP, stateOf } from './state.ts'

/**
 * Takes out of the file what was removed from the index, a bit at a time; a job of the renewal. FTS5 only marks what is
 * removed, until the segment is rewritten in which it lies. So the closed half is rewritten to the end, then the halves
 * change places, and the other one is.
 */
export function createCompaction (db: BetterSQLite3Database, connection: Connection): () => void {
  const state = stateOf(db)
  const halves = halvesOf(connection)
  /** The segments of the closed half when its turn began. A process that goes on with it begins with those that there are. */
  let old: Set<number> | undefined

  return () => {
    const { openHalf, hasLeftovers, passesLeft, indexedTo } = state.read()
    if (indexedTo === GIVEN_UP || (passesLeft === 0 && !hasLeftovers)) return
    if (passesLeft === 0) {
      // What is removed from now on is for the next one.
      state.set({ passesLeft: halves.length, hasLeftovers: false })
      old = undefined
    }
    const closed = openHalf === 0 ? halves[1] : halves[0]
    old ??= new Set(closed.segments())
    const isRewritten = !closed.rewrite() || !closed.segments().some((segment) => old?.has(segment))
    if (!isRewritten) return
    old = undefined
    state.set({ openHalf: 1 - openHalf, passesLeft: state.read().passesLeft - 1 })
  }
}
