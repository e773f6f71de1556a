import type { Dialect } from './dialect.ts'
import { and, eq, sql } from './drizzle.ts'
import type { Db, SQL } from './drizzle.ts'
import { isTombstone } from './changes.ts'
import type { Change } from './changes.ts'
import { keyset } from './keyset.ts'
import type { Part } from './keyset.ts'
import { changes, users } from './schema.ts'
import type { Noun } from './schema.ts'
import { isLeaving } from './users.ts'

export interface ChangeFilter {
  /** To whose account. */
  person?: number
  /** By whom. */
  actor?: number
  /** One of the fields that were changed, in the core's words. */
  field?: string
  family?: string
  /** To what it was done. */
  noun?: Noun
  /** Milliseconds: from the first one on, and before the last. */
  from?: number
  until?: number
}

/** The log of changes, the newest first. What no index leads to is looked for row by row, so this runs on a reader thread. */
export function changeLists (db: Db, dialect: Dialect) {
  // While somebody is removed, their part of the log goes in pieces; all of it is gone for whoever reads.
  const isKept = sql`(${isTombstone} or not exists (select 1 from ${users} where ${users.id} = ${changes.userId} and ${isLeaving}))`

  /** Conditions that together lead to what is asked for, and never to the same row. */
  function partsOf ({ person, actor, field, family, noun, from, until }: ChangeFilter): (SQL | undefined)[] {
    const others = and(
      field === undefined ? undefined : sql`${field} in (${dialect.texts(changes.fields)})`,
      family === undefined ? undefined : eq(changes.family, family),
      noun === undefined ? undefined : eq(changes.noun, noun),
      from === undefined ? undefined : sql`${changes.at} >= ${from}`,
      until === undefined ? undefined : sql`${changes.at} < ${until}`,
      isKept,
    )
    const isOf = person === undefined ? undefined : eq(changes.userId, person)
    if (actor === undefined) return [and(isOf, others)]
    const isBy = eq(changes.actorId, actor)
    if (person !== undefined) return [and(isOf, isBy, others)]
    // The index of actors has what was done to others; what somebody did to themselves is among what was done to them.
    return [and(isBy, sql`${changes.actorId} <> ${changes.userId}`, others), and(eq(changes.userId, actor), isBy, others)]
  }

  return {
    async list (filter: ChangeFilter, part: Part): Promise<Change[]> {
      const parts = await Promise.all(partsOf(filter).map((where) => keyset(db, changes, 'desc', where)(part)))
      return parts.flat().sort((a, b) => b.id - a.id).slice(0, part.limit)
    },

    async count (filter: ChangeFilter): Promise<number> {
      const counts = await Promise.all(partsOf(filter).map((where) => db.select({ count: sql<number>`count(*)` }).from(changes).where(where).get()))
      return counts.reduce((sum, row) => sum + (row?.count ?? 0), 0)
    },
  }
}
