import { eq, sql } from '../../drizzle.ts'
import type { BetterSQLite3Database, InferSelectModel } from '../../drizzle.ts'
import { searchState } from '../../schema.ts'

export type SearchState = Omit<InferSelectModel<typeof searchState>, 'id'>

/** `indexedTo` of an index that has everybody, and whoever comes. */
export const EVERYBODY = Number.MAX_SAFE_INTEGER
/** `indexedTo` of an index that is damaged or not there. */
export const GIVEN_UP = -1

/** Whether an error says that the index cannot be read, or is not there. */
export const isDamage = (error: unknown): boolean => /^SQLITE_(CORRUPT|ERROR)/.test(String((error as { code?: unknown }).code))

/** How far the index is, as the connection sees it: another process may have moved it since the last transaction. */
export function stateOf (db: BetterSQLite3Database) {
  const select = db.select().from(searchState).where(eq(searchState.id, 1)).prepare()
  const value = (name: keyof SearchState) => sql`${sql.placeholder(name)}`
  const update = db.update(searchState).set({
    indexedTo: value('indexedTo'), openHalf: value('openHalf'), hasLeftovers: value('hasLeftovers'), passesLeft: value('passesLeft'), layout: value('layout'),
  }).where(eq(searchState.id, 1)).prepare()

  function read (): SearchState {
    const state = select.get()
    if (state === undefined) throw new Error('the database does not say how far its search index is')
    return state
  }

  return {
    read,
    set (changes: Partial<SearchState>): void {
      const state = { ...read(), ...changes }
      update.run({ ...state, hasLeftovers: Number(state.hasLeftovers) })
    },
  }
}
