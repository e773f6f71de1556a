import { closeSync, existsSync, openSync } from 'node:fs'
import Sqlite from 'better-sqlite3'

/** Before it, two connections and a checkpoint could corrupt a file (the WAL-reset race). */
const OLDEST_SQLITE = [3, 51, 3] as const
/** A longer busy wait would block the event loop. */
const BUSY_TIMEOUT_MS = 100

/** Opens the database file, and makes it where there is none. */
export function connectTo (file: string): Sqlite.Database {
  // Made by us, because SQLite would let everybody read it; the files beside it get the same mode. One that exists is not
  // even opened: closing it would take away the locks that this process holds on it.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
  const connection = new Sqlite(file, { timeout: BUSY_TIMEOUT_MS })
  connection.pragma('journal_mode = WAL')
  // The driver is compiled with NORMAL for WAL, which loses acknowledged commits in a power cut.
  connection.pragma('synchronous = FULL')
  connection.pragma('foreign_keys = ON')
  // What was deleted is overwritten: a person who leaves must not stay in the free pages.
  connection.pragma('secure_delete = ON')
  return connection
}

/** Throws when a commit would not be safe, or SQLite is too old. */
export function assertDurable (connection: Sqlite.Database): void {
  const version = connection.prepare('select sqlite_version()').pluck().get() as string
  const parts = version.split('.').map(Number)
  const isOld = OLDEST_SQLITE.map((least, i) => Math.sign((parts[i] ?? 0) - least)).find((sign) => sign !== 0) === -1
  if (isOld) throw new Error(`SQLite ${OLDEST_SQLITE.join('.')} or newer is needed, this is ${version}`)
  const actual = ['journal_mode', 'synchronous', 'foreign_keys'].map((name) => String(connection.pragma(name, { simple: true }))).join()
  if (actual !== 'wal,2,1') throw new Error(`the database did not take its settings (journal_mode, synchronous, foreign_keys: ${actual})`)
}
