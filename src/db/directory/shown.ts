import type { Dialect } from '../dialect.ts'
import { getTableColumns, sql } from '../drizzle.ts'
import type { SQL } from '../drizzle.ts'
import { users } from '../schema.ts'

/** How far a reader sees a field: everybody's, everybody's but of those who narrowed it, only their own. */
export type Shown = 'all' | 'unless narrowed' | 'own'
export type Column = keyof typeof users.$inferSelect

/** Who asks. */
export interface Reader {
  reader: number | null
  /** The audiences that this reader is not part of. */
  beyond: string[]
}

/** The same with the wordings of the engine that is asked. */
export interface Asking extends Reader { dialect: Dialect }

export const COLUMNS = getTableColumns(users)

/** Where people are: the first that they have. */
export const PLACE = sql`coalesce(nullif(${users.positionLatLng}, ''), ${users.locationLatLng})`

/** Whether the reader sees a field of this row; undefined when they do in every row. */
export function sees (word: string | SQL, shown: Shown, { reader, beyond, dialect }: Asking): SQL | undefined {
  if (shown === 'all' || (shown === 'unless narrowed' && beyond.length === 0)) return undefined
  const isOwn = sql`${users.id} is not distinct from ${reader}`
  if (shown === 'own') return isOwn
  return sql`(${users.visibility} = '{}' or ${isOwn} or coalesce(${dialect.textUnder(users.visibility, word)}, '') not in ${beyond})`
}

/** What the reader sees of a column. */
export function shownOf (field: Column, shown: Shown, asking: Asking, hiddenAs: string | null): SQL {
  const column = COLUMNS[field]
  const isSeen = sees(field, shown, asking)
  return isSeen === undefined ? sql`${column}` : sql`case when ${isSeen} then ${column} else ${hiddenAs} end`
}
