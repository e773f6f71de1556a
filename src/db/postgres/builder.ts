import { createRequire } from 'node:module'
import type { SQL, SQLiteTable } from '../drizzle.ts'
import type { Db } from '../drizzle.ts'

// The nouns are written with drizzle's builder for SQLite, and its tables. What it builds PostgreSQL understands as well, but for
// three things that are put right here, as drizzle's own proxy for remote databases would have it.
const require = createRequire(import.meta.url)
const { is, Column, SQL: Chunks, sql } = require('drizzle-orm') as typeof import('drizzle-orm')
const { BaseSQLiteDatabase, SQLiteAsyncDialect } = require('drizzle-orm/sqlite-core') as typeof import('drizzle-orm/sqlite-core')
const { SQLiteRemoteSession } = require('drizzle-orm/sqlite-proxy') as typeof import('drizzle-orm/sqlite-proxy')

/** How a statement is sent: one that is prepared has a plan on each connection, and rows come as lists where drizzle maps them. */
export interface Sent { isPrepared: boolean, isMapped: boolean }
export type Send = (statement: string, values: unknown[], how: Sent) => Promise<{ rows: unknown[], changes: number }>

interface Insert { table: SQLiteTable, values: Record<string, unknown>[] | SQL, onConflict?: SQL[], select?: boolean }

class PostgresDialect extends SQLiteAsyncDialect {
  override escapeParam (number: number): string {
    return `$${number + 1}`
  }

  /** The next id is PostgreSQL's to give, and what a conflict is about is named without its table. */
  override buildInsertQuery (insert: never): SQL {
    const { values, table, onConflict, ...others } = insert as Insert
    const numbered = Object.entries(table).filter(([, column]) => is(column, Column) && (column as { autoIncrement?: boolean }).autoIncrement === true).map(([name]) => name)
    const next = (row: Record<string, unknown>) => ({ ...Object.fromEntries(numbered.map((name) => [name, sql`default`])), ...row })
    return super.buildInsertQuery({ ...others, table, values: Array.isArray(values) ? values.map(next) : values, ...onConflict && { onConflict: onConflict.map(unqualified) } } as never)
  }
}

/** ` on conflict (target) …`: the target is a list of columns. */
function unqualified (clause: SQL): SQL {
  const bare = (chunk: unknown): unknown => {
    if (!is(chunk, Chunks)) return chunk
    const isTarget = chunk.queryChunks.some((part) => Array.isArray(part) && part.every((column) => is(column, Column)))
    return isTarget ? new Chunks(chunk.queryChunks.map((part) => Array.isArray(part) ? part.map((column) => is(column, Column) ? sql.identifier(column.name) : column) : part) as never) : chunk
  }
  return new Chunks(clause.queryChunks.map(bare) as never)
}

const dialect = new PostgresDialect()

type RemoteSession = import('drizzle-orm/sqlite-proxy').SQLiteRemoteSession<Record<string, never>, Record<string, never>>
type Question = Parameters<RemoteSession['prepareQuery']>

/** What is built for one question has no plan to be kept; what was written by hand comes with the names of its columns. */
function sessionOver (send: Send): RemoteSession {
  const over = (how: Sent) => new SQLiteRemoteSession<Record<string, never>, Record<string, never>>(remote(send, how) as never, dialect, undefined, undefined)
  const [kept, mapped, bare] = [over({ isPrepared: true, isMapped: true }), over({ isPrepared: false, isMapped: true }), over({ isPrepared: false, isMapped: false })]
  return Object.assign(kept, { prepareOneTimeQuery: (...question: Question) => (question[1] === undefined ? bare : mapped).prepareQuery(...question) })
}

const remote = (send: Send, how: Sent) => async (statement: string, values: unknown[], method: 'run' | 'all' | 'values' | 'get') => {
  const { rows, changes } = await send(statement, values, method === 'values' ? { ...how, isMapped: true } : how)
  return { rows: (method === 'get' ? rows[0] : rows) as never, changes }
}

/** The builder of statements, over whatever sends them. */
export const dbOver = (send: Send): Db => new BaseSQLiteDatabase('async', dialect, sessionOver(send), undefined) as unknown as Db
