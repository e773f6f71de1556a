import { existsSync, statSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { connectTo } from './connection.ts'
import { FolderError } from '../errors.ts'
import { factsIn } from './facts.ts'
import { databaseOf } from './folder.ts'
import { compareWith, picturesOf } from './snapshot.ts'
import type { Stored } from './snapshot.ts'

/** What a database file says of itself. */
export interface Copied {
  /** Of which service, so that the numbers of its people are not taken for those of another's. */
  service: string | undefined
  /** How many migrations made it what it is, and the time of the newest. */
  schema: { migrations: number, newest: number }
  accounts: number
  /** Milliseconds; undefined when nothing was ever changed. */
  lastChange: number | undefined
  /** People who were removed for good. */
  erased: number[]
}

/** What was told to the log of changes when somebody was removed. */
const TOMBSTONES = "select distinct user_id from changes where fields = '[\"*\"]'"

function asked (connection: Sqlite.Database): Copied {
  const one = (sql: string): unknown => connection.prepare(sql).pluck().get() ?? undefined
  return {
    service: one("select value from __visage where name = 'service'") as string | undefined,
    schema: connection.prepare('select count(*) as migrations, max(created_at) as newest from __drizzle_migrations').get() as Copied['schema'],
    accounts: Number(one('select count(*) from users where deleted_at is null')),
    lastChange: one('select max(at) from changes') as number | undefined,
    erased: connection.prepare(TOMBSTONES).pluck().all() as number[],
  }
}

/** Makes a copy one plain file, with no log beside it that could be forgotten, and asks it. */
export function finishCopy (file: string): Copied {
  const connection = new Sqlite(file)
  try {
    connection.pragma('journal_mode = DELETE')
    return asked(connection)
  } finally {
    connection.close()
  }
}

/** The pictures that a database file names; beside another, those that it does not know just so. */
export function picturesIn (file: string, unlike?: string): Stored[] {
  const connection = new Sqlite(file, { readonly: true })
  try {
    if (unlike !== undefined) compareWith(connection, unlike)
    return picturesOf(connection, { isCompared: unlike !== undefined })
  } finally {
    connection.close()
  }
}

/** What is wrong with the database of a folder that no server has, by the engine's own word; nothing when it is whole. */
export function quickCheck (dataDir: string): string[] {
  const connection = new Sqlite(databaseOf(dataDir))
  try {
    return (connection.pragma('quick_check') as { quick_check: string }[]).map((line) => line.quick_check).filter((line) => line !== 'ok')
  } catch (error) {
    return [(error as Error).message]
  } finally {
    connection.close()
  }
}

/**
 * Asks the database of a folder that no server has, and puts its log into the file. Undefined when there is none; `broken`
 * when it cannot be read. Throws when a command has it open: its log would be taken for that of whatever is put in its place.
 */
export function settleDatabase (dataDir: string): Copied | 'broken' | undefined {
  const file = databaseOf(dataDir)
  if (!existsSync(file) || statSync(file).size === 0) return undefined
  let copied: Copied | 'broken'
  try {
    const connection = new Sqlite(file)
    try {
      connection.pragma('wal_checkpoint(TRUNCATE)')
      copied = asked(connection)
    } finally {
      connection.close()
    }
  } catch {
    return 'broken'
  }
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) throw new FolderError('INSTANCE_LOCKED', `another program has ${file} open: stop it first`)
  return copied
}

/** What a database file knows of itself, beside a server; nothing where there is none, or not yet one. */
export function factsOf (dataDir: string): Record<string, string> {
  const file = databaseOf(dataDir)
  if (!existsSync(file)) return {}
  const connection = connectTo(file)
  try {
    return factsIn(connection)
  } finally {
    connection.close()
  }
}

/** Numbers of people up to this one are not given again, although the people are gone. */
export function keepNumbers (dataDir: string, to: number): void {
  const connection = new Sqlite(databaseOf(dataDir))
  try {
    connection.prepare("update sqlite_sequence set seq = max(seq, ?) where name = 'users'").run(to)
    connection.prepare("insert into sqlite_sequence (name, seq) select 'users', ? where not exists (select 1 from sqlite_sequence where name = 'users')").run(to)
  } finally {
    connection.close()
  }
}

