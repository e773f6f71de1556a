import { and, eq, sql } from './drizzle.ts'
import type { BetterSQLite3Database, SQL } from './drizzle.ts'
import type { Change } from './changes.ts'
import { keyset } from './keyset.ts'
import type { Part } from './keyset.ts'
import { changes } from './schema.ts'

export interface ChangeFilter {
  /** To whose account. */
  person?: number
  /** By whom. */
  actor?: number
  /** One of the fields that were changed, in the core's words. */
  field?: string
  family?: string
  /** Milliseconds: from the first one on, and before the last. */
  from?: number
  until?: number
}

/** The log of changes, the newest first. What no index leads to is looked for row by row, so this runs on a reader thread. */
export function changeLists (db: BetterSQLite3Database) {
  return function list ({ person, actor, field, family, from, until }: ChangeFilter, part: Part): Change[] {
    const others = and(
      field === undefined ? undefined : sql`exists (select 1 from json_each(${changes.fields}) where value = ${field})`,
      family === undefined ? undefined : eq(changes.family, family),
      from === undefined ? undefined : sql`${changes.at} >= ${from}`,
      until === undefined ? undefined : sql`${changes.at} < ${until}`,
    )
    const rows = (where: SQL | undefined) => keyset(db, changes, 'desc', and(where, others))(part)
    const isOf = person === undefined ? undefined : eq(changes.userId, person)
    if (actor === undefined) return rows(isOf)
    const isBy = eq(changes.actorId, actor)
    if (person !== undefined) return rows(and(isOf, isBy))
    // The index of actors has what was done to others; what somebody did to themselves is among what was done to them.
    const toOthers = rows(and(isBy, sql`${changes.actorId} <> ${changes.userId}`))
    const toThemselves = rows(and(eq(changes.userId, actor), isBy))
    return [...toOthers, ...toThemselves].sort((a, b) => b.id - a.id).slice(0, part.limit)
  }
}
