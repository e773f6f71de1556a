// The tables of the one schema as PostgreSQL has them, for drizzle-kit to make migrations from. The service never loads this.
import { createRequire } from 'node:module'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import * as schema from '../schema.ts'

const require = createRequire(import.meta.url)
const { is, SQL, getTableName } = require('drizzle-orm') as typeof import('drizzle-orm')
const { SQLiteTable: Table, SQLiteColumn: Column, getTableConfig } = require('drizzle-orm/sqlite-core') as typeof import('drizzle-orm/sqlite-core')
const { pgTable, bigint, customType, index, primaryKey, smallint, uniqueIndex } = require('drizzle-orm/pg-core') as typeof import('drizzle-orm/pg-core')

/** Compared by code points and with the case of A–Z alone, as SQLite compares. */
const text = customType<{ data: string }>({ dataType: () => 'text collate "C"' })

function columnOf (column: SQLiteColumn) {
  const isFlag = column.getSQLType() === 'integer' && column.dataType === 'boolean'
  const base = column.getSQLType() === 'text' ? text(column.name) : isFlag ? smallint(column.name) : bigint(column.name, { mode: 'number' })
  const numbered = 'autoIncrement' in column && column.autoIncrement === true ? (base as ReturnType<typeof bigint>).generatedByDefaultAsIdentity() : base
  const keyed = column.primary ? numbered.primaryKey() : numbered
  const filled = column.notNull && !column.primary ? keyed.notNull() : keyed
  const value = column.default === undefined ? undefined : column.mapToDriverValue(column.default)
  return value === undefined ? filled : filled.default(value as never)
}

const made = new Map<SQLiteTable, ReturnType<typeof pgTable>>()
const all = Object.values(schema).filter((value): value is SQLiteTable & typeof value => is(value, Table))

for (const table of all) {
  const { columns, indexes, foreignKeys, primaryKeys } = getTableConfig(table)
  const own = Object.fromEntries(columns.map((column) => {
    const built = columnOf(column)
    const key = foreignKeys.map((foreign) => ({ ...foreign.reference(), onDelete: foreign.onDelete })).find(({ columns: [of] }) => of === column)
    if (key === undefined) return [column.name, built]
    const target = () => (made.get(key.foreignTable) as unknown as Record<string, PgColumn>)[key.foreignColumns[0]?.name ?? ''] as PgColumn
    return [column.name, built.references(target, key.onDelete === undefined ? {} : { onDelete: key.onDelete as 'cascade' })]
  }))
  made.set(table, pgTable(getTableName(table) as string, own as Record<string, never>, (pg: Record<string, PgColumn>) => [
    ...primaryKeys.map(({ columns: [first, ...others] }) => primaryKey({ columns: [pg[first?.name ?? ''], ...others.map(({ name }) => pg[name])] as never })),
    ...indexes.map(({ config }) => {
      const on = config.columns.map((part) => is(part, Column) ? pg[part.name] : worded(part as Expression, pg)) as [never, ...never[]]
      const begun = config.unique ? uniqueIndex(config.name).on(...on) : index(config.name).on(...on)
      return config.where === undefined ? begun : begun.where(worded(config.where, pg))
    }),
  ]))
}

type Expression = InstanceType<typeof SQL>

/** The same expression over the columns of the other table. */
function worded (expression: Expression, pg: Record<string, PgColumn>): Expression {
  return new SQL(expression.queryChunks.map((chunk) => is(chunk, Column) ? pg[chunk.name] : is(chunk, SQL) ? worded(chunk, pg) : chunk) as never)
}

export const { users, groups, memberships, profileFields, avatars, pictures, uploads, doomed, faces, contacts, tags, taggings, sessions, keys, codes, invitations, mails, secondFactors, recoveryCodes, tickets, changes } =
  Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, made.get(value as unknown as SQLiteTable)]))
