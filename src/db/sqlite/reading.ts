import type { Database as Connection } from 'better-sqlite3'
import { and, drizzle, or, sql } from '../drizzle.ts'
import type { Reading } from '../engine.ts'
import { users } from '../schema.ts'
import { candidates } from '../search/candidates.ts'
import { sqlite } from './dialect.ts'
import { EVERYBODY, isDamage, stateOf } from './search/state.ts'

/** For a connection that answers one question after the other. */
export function readingOn (connection: Connection): Reading {
  const [begin, end] = [connection.prepare('BEGIN'), connection.prepare('COMMIT')]
  const state = stateOf(drizzle(connection))

  return {
    dialect: sqlite,
    isDamage,

    // The driver's own transaction takes no work that is awaited.
    async atOnce (work) {
      begin.run()
      try {
        return await work()
      } finally {
        if (connection.inTransaction) end.run()
      }
    },

    /** Those of whom the index says that it could be them, and those whom it does not have yet. */
    indexed (where) {
      const lists = where.flatMap((condition) => condition.is === 'containing' ? candidates(condition.text, condition.in.map(({ field }) => field)) ?? [] : [])
      if (lists.length === 0) return undefined
      const { indexedTo } = state.read()
      if (indexedTo < 0) return undefined
      const inAll = and(...lists.map((list) => sql`${users.id} in ${list}`))
      return indexedTo === EVERYBODY ? inAll : or(inAll, sql`${users.id} > ${indexedTo}`)
    },
  }
}
