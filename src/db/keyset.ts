import { and, asc, desc, sql } from './drizzle.ts'
import type { Db, InferSelectModel, SQL, SQLiteColumn, SQLiteTable } from './drizzle.ts'

/** A part of a list by id: so many rows, behind the row with this id. */
export interface Part { after?: number | undefined, limit: number }

const BEFORE_ALL = 0
const BEHIND_ALL = Number.MAX_SAFE_INTEGER + 1

/** Prepares a list of one table by id, to be read a part at a time; `values` are those of the placeholders in `where`. */
export function keyset<T extends SQLiteTable & { id: SQLiteColumn }> (db: Db, table: T, direction: 'asc' | 'desc', where?: SQL): (part: Part, values?: Record<string, unknown>) => Promise<InferSelectModel<T>[]> {
  const isUp = direction === 'asc'
  const isBehind = isUp ? sql`${table.id} > ${sql.placeholder('after')}` : sql`${table.id} < ${sql.placeholder('after')}`
  const rows = db.select().from(table as SQLiteTable).where(and(where, isBehind)).orderBy(isUp ? asc(table.id) : desc(table.id)).limit(sql.placeholder('limit')).prepare()
  return ({ after = isUp ? BEFORE_ALL : BEHIND_ALL, limit }, values = {}) => rows.all({ ...values, after, limit }) as Promise<InferSelectModel<T>[]>
}
