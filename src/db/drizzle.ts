import { createRequire } from 'node:module'
import type { Database as Connection } from 'better-sqlite3'
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core'

// drizzle-orm's ES modules cost 385 ms at start, because Node parses the package's very large package.json once for
// each of them; its CommonJS build costs 60 ms. This is the one place that knows.
const require = createRequire(import.meta.url)

export const { sql, eq, and, or, not, asc, desc, getTableColumns, getTableName, isTable } = require('drizzle-orm') as typeof import('drizzle-orm')
export const { drizzle } = require('drizzle-orm/better-sqlite3') as typeof import('drizzle-orm/better-sqlite3')
export const { readMigrationFiles } = require('drizzle-orm/migrator') as typeof import('drizzle-orm/migrator')
export const { sqliteTable, text, integer, index, uniqueIndex, primaryKey, getTableConfig } =
  require('drizzle-orm/sqlite-core') as typeof import('drizzle-orm/sqlite-core')

/** What the nouns speak to, whichever engine is behind it: every statement is awaited. */
export type Db = BaseSQLiteDatabase<'async', { changes: number }>

/** better-sqlite3 answers at once, which `await` does not mind. */
export const dbOf = (connection: Connection): Db => drizzle(connection) as unknown as Db

export type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'
export type { MigrationMeta } from 'drizzle-orm/migrator'
export type { InferSelectModel, InferInsertModel, Placeholder, SQL } from 'drizzle-orm'
export type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
