// Over which engine the tests run: SQLite, unless `.ci/suite.ts` has started a PostgreSQL; and what one of them cannot be asked.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { openPostgresRows, withServer } from './postgres-rows.ts'

/** The address of a database on the server that the tests have, which holds what a first start leaves: the others are made like it. */
const template = process.env.TEST_POSTGRES
/** The address of a bucket on the server of S3 that the tests have, beside which each folder has its own: then no folder has pictures. */
const store = process.env.TEST_S3
export const engine = template === undefined ? 'SQLite' : 'PostgreSQL'

/** For `skip`: what only one engine has, and why. */
export const only = {
  file: engine === 'SQLite' ? false : 'PostgreSQL keeps no file in the folder that could be moved, damaged, copied, looked into or imported into',
  words: engine === 'SQLite' ? false : 'it spoils or locks the database in the words of SQLite; postgres.test.ts does so in those of PostgreSQL',
  keys: engine === 'SQLite' ? false : 'a foreign key of PostgreSQL lets nobody go before their rows, and no row without an owner come',
  index: engine === 'SQLite' ? false : 'PostgreSQL keeps its indexes itself, as a part of each statement',
}

/** Where each says what its index has of whom. */
export const indexTables = engine === 'SQLite' ? ['search_1_docsize', 'search_2_docsize'] : []

/** A question for whether the index has something of somebody. */
export const isIndexed = engine === 'SQLite' ? `select 1 from (${indexTables.map((table) => `select id from ${table}`).join(' union all ')}) where id >> 4 = ?` : 'select 1 from search where user_id = ?'

/** The names of all tables. */
export const namesOf = (sql: Sqlite.Database): string[] => sql.prepare(engine === 'SQLite'
  ? "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
  : "select tablename from pg_tables where schemaname = 'public' order by 1").pluck().all() as string[]

/** The columns of a table, in their order. */
export const columnsOf = (sql: Sqlite.Database, table: string): string[] => sql.prepare(engine === 'SQLite'
  ? 'select name from pragma_table_info(?)'
  : "select column_name from information_schema.columns where table_schema = 'public' and table_name = ? order by ordinal_position").pluck().all(table) as string[]

/** A question for the highest numbers that were given. Of PostgreSQL none: it keeps a number that was begun with, whatever becomes of the row. */
export const given = engine === 'SQLite' ? '(select group_concat(seq) from sqlite_sequence)' : "''"

/** A question for something that differs when the rows of a table do. */
export const sumOf = (table: string): string => engine === 'SQLite'
  ? `(select count(*) || ':' || total(rowid) from "${table}")`
  : `(select count(*) || ':' || coalesce(sum(hashtext(cast(one as text))), 0) from "${table}" as one)`

/** Of a folder; every process that has the folder finds the same one. */
const nameOf = (dataDir: string): string => `t_${createHash('sha256').update(dataDir).digest('hex').slice(0, 24)}`
const urlOf = (name: string): string => Object.assign(new URL(template ?? ''), { pathname: `/${name}` }).href
const made = new Set<string>()

/** What a service on a bucket needs beside it: over PostgreSQL as many processes as wanted may run, which have one key and a way out for mails. */
export const beside: { sealKey?: string, smtpUrl?: string } = template === undefined ? {} : { sealKey: 'A'.repeat(43), smtpUrl: 'smtp://127.0.0.1:1' }

/** The settings of a service on this folder, whatever keeps its rows: its database is made when it is first asked for. */
export function placeOf (dataDir: string): { dataDir: string, databaseUrl?: string, databasePool?: number, storeUrl?: string, sealKey?: string, smtpUrl?: string } {
  const pictures = store === undefined ? {} : { storeUrl: bucketOf(dataDir, store), ...beside }
  if (template === undefined) return { dataDir, ...pictures }
  const name = nameOf(dataDir)
  if (!made.has(name)) {
    withServer(urlOf('postgres'), `create database ${name} template ${new URL(template).pathname.slice(1)}`, '42P04')
    made.add(name)
  }
  return { dataDir, databaseUrl: urlOf(name), databasePool: 6, ...pictures }
}

const buckets = new Map<string, string>()

/** The bucket of a folder, which is made when it is first asked for: at once, because the place of a folder is. */
function bucketOf (dataDir: string, beside: string): string {
  const known = buckets.get(dataDir)
  if (known !== undefined) return known
  const url = new URL(beside)
  url.pathname += `-${nameOf(dataDir).replace('_', '-')}`
  execFileSync(process.execPath, [join(import.meta.dirname, 'bucket-made.ts'), url.href], { stdio: ['ignore', 'ignore', 'inherit'] })
  buckets.set(dataDir, url.href)
  return url.href
}

/** The same for a process that is started. */
export function settingsOf (dataDir: string): Record<string, string> {
  const { databaseUrl, storeUrl, sealKey, smtpUrl } = placeOf(dataDir)
  return { VISAGE_DATA_DIR: dataDir, ...storeUrl !== undefined && { VISAGE_STORE_URL: storeUrl }, ...sealKey !== undefined && { VISAGE_SEAL_KEY: sealKey }, ...smtpUrl !== undefined && { VISAGE_SMTP_URL: smtpUrl }, ...databaseUrl !== undefined && { VISAGE_DATABASE_URL: databaseUrl, VISAGE_DATABASE_POOL: '6' } }
}

/** Copies the rows of a folder that nobody has open to one that has none yet. */
export function copyRows (from: string, to: string): void {
  if (engine === 'SQLite') return
  withServer(urlOf('postgres'), `create database ${nameOf(to)} template ${nameOf(from)}`)
  made.add(nameOf(to))
}

/** Removes the database of a folder. */
export function forget (dataDir: string): void {
  if (made.delete(nameOf(dataDir))) withServer(urlOf('postgres'), `drop database if exists ${nameOf(dataDir)} with (force)`)
}

/** The rows of a folder past the service, at once and in the words of SQLite, which `test/postgres-rows.ts` has PostgreSQL understand. */
export function openSql (dataDir: string, options?: Sqlite.Options): Sqlite.Database {
  const { databaseUrl } = placeOf(dataDir)
  return databaseUrl === undefined ? new Sqlite(join(dataDir, 'visage.db'), options) : openPostgresRows(databaseUrl)
}
