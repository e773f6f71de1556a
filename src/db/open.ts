import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import Sqlite from 'better-sqlite3'
import { STOP, atMost } from '../stop.ts'
import { drizzle, migrate } from './drizzle.ts'
import { avatarQueries } from './avatars.ts'
import { changeQueries } from './changes.ts'
import { checkQueries } from './checks.ts'
import { codeQueries } from './codes.ts'
import { faceQueries } from './faces.ts'
import { groupQueries } from './groups.ts'
import { keyQueries } from './keys.ts'
import { lockInstance } from './lock.ts'
import type { InstanceLock } from './lock.ts'
import { mailQueries } from './mails.ts'
import { pictureQueries } from './pictures.ts'
import { presenceQueries } from './presence.ts'
import { profileFieldQueries } from './profile-fields.ts'
import { createReaders } from './readers.ts'
import type { Readers } from './readers.ts'
import { searchChecks, searchIndex } from './search.ts'
import { secondFactorQueries } from './second-factors.ts'
import { sessionQueries } from './sessions.ts'
import { tagQueries } from './tags.ts'
import { userQueries } from './users.ts'
import { createWriter } from './write.ts'

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url))
/** Before it, two connections and a checkpoint could corrupt a file (the WAL-reset race). */
const OLDEST_SQLITE = [3, 51, 3] as const
/** A longer busy wait would block the event loop. */
const BUSY_TIMEOUT_MS = 100
const MIGRATION_PATIENCE_MS = 2_000
const POLL_MS = 25

/** How to let go of each database that is open, however the process ends: a deadline, or an error that nobody foresaw. */
const open = new Set<() => void>()
process.on('exit', () => { for (const letGo of open) letGo() })

export type Queries = ReturnType<typeof prepare>

export interface Database {
  /** Queries that see committed data only. */
  read: Queries
  /** Finds people by whatever can be asked of them; on a thread of its own, because it may take long. */
  find: Readers['find']
  /** A page of groups with the number of members of each; on a reader thread too. */
  listGroups: Readers['listGroups']
  /** How many people are in a group; on a reader thread too. */
  countMembers: Readers['countMembers']
  /** Runs `work` in its own savepoint; neighbours share one durable commit. Resolves after that commit. */
  write: <T>(work: (tx: Queries) => Promise<T>) => Promise<T>
  /** Puts the log into the file and empties it, so that what was deleted lies nowhere any more; when others are reading, the next time. */
  truncateLog: () => Promise<void>
  /** The right to be alone with the folder; undefined while a server is running on it. */
  lock: () => InstanceLock | undefined
  /** Fails the queries of `find`: the time for their answers is over. */
  refuse: Readers['refuse']
  /** Waits for what was begun, but for so many milliseconds at most. */
  close: (patience?: number) => Promise<void>
}

/** Every statement of the program, prepared once for a connection. */
function prepare (connection: Sqlite.Database) {
  const db = drizzle(connection)
  return {
    users: userQueries(db),
    groups: groupQueries(db),
    keys: keyQueries(db),
    sessions: sessionQueries(db),
    codes: codeQueries(db),
    secondFactors: secondFactorQueries(db),
    mails: mailQueries(db),
    changes: changeQueries(db),
    presence: presenceQueries(db),
    profileFields: profileFieldQueries(db, connection),
    avatars: avatarQueries(db),
    pictures: pictureQueries(db, connection),
    faces: faceQueries(db),
    tags: tagQueries(db, connection),
    checks: checkQueries(db, connection),
    search: searchChecks(db, connection),
  }
}

function connectTo (file: string): Sqlite.Database {
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

/**
 * Opens (and creates) `<dataDir>/visage.db` and applies the migrations. The server is `exclusive`: it holds the instance
 * lock for as long as it lives. An operator command is not, and works beside a server; alone, it migrates as well.
 * Throws INSTANCE_LOCKED when another server holds the folder.
 */
export function openDatabase ({ dataDir, exclusive }: { dataDir: string, exclusive: boolean }): Database {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const lock = lockInstance(join(dataDir, 'instance.lock'), { required: exclusive })
  const connections: Sqlite.Database[] = []
  const connect = () => {
    const connection = connectTo(join(dataDir, 'visage.db'))
    connections.push(connection)
    return connection
  }
  const letGo = () => {
    open.delete(letGo)
    for (const connection of connections) connection.close()
    lock?.release()
  }
  open.add(letGo)

  try {
    const writing = connect()
    assertDurable(writing)
    if (lock === undefined) awaitMigration(writing)
    else migrate(drizzle(writing), { migrationsFolder: MIGRATIONS })
    const queries = prepare(writing)
    if (lock !== undefined) {
      indexAccounts(writing)
      syncFolder(dataDir)
    }
    if (!exclusive) lock?.release()
    // Reads have a connection of their own: on the writer's they would see a neighbour's uncommitted rows.
    const reading = connect()
    reading.pragma('query_only = ON')
    // The writer waits for its turn without blocking anybody, so SQLite need not wait at all.
    writing.pragma('busy_timeout = 0')
    const writer = createWriter(writing, queries)
    const readers = createReaders(join(dataDir, 'visage.db'))

    return {
      read: prepare(reading),
      find: readers.find,
      listGroups: readers.listGroups,
      countMembers: readers.countMembers,
      write: writer.write,
      async truncateLog () {
        // No transaction is open at the start of a turn: works end within the turn in which they began.
        await nextTurn()
        if (!writing.inTransaction) writing.pragma('wal_checkpoint(TRUNCATE)')
      },
      lock: () => lockInstance(join(dataDir, 'instance.lock'), { required: false }),
      refuse: readers.refuse,
      async close (patience = STOP.database - STOP.core) {
        await atMost(patience, Promise.all([writer.idle(), readers.close(patience)]))
        letGo()
      },
    }
  } catch (error) {
    letGo()
    throw error
  }
}

/** Accounts from before there was an index to search them by. */
function indexAccounts (connection: Sqlite.Database): void {
  const { isWhole, catchUp } = searchIndex(drizzle(connection))
  if (isWhole()) return
  const addSome = connection.transaction(catchUp)
  for (let last: number | undefined = 0; last !== undefined;) last = addSome(last)
}

/** A command that comes while a server starts for the first time waits for its tables, two seconds at most. */
function awaitMigration (connection: Sqlite.Database): void {
  const isMigrated = connection.prepare("select count(*) from sqlite_master where name = 'users'").pluck()
  const giveUp = performance.now() + MIGRATION_PATIENCE_MS
  while (isMigrated.get() === 0 && performance.now() < giveUp) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS)
}

function assertDurable (connection: Sqlite.Database): void {
  const version = connection.prepare('select sqlite_version()').pluck().get() as string
  const parts = version.split('.').map(Number)
  const isOld = OLDEST_SQLITE.map((least, i) => Math.sign((parts[i] ?? 0) - least)).find((sign) => sign !== 0) === -1
  if (isOld) throw new Error(`SQLite ${OLDEST_SQLITE.join('.')} or newer is needed, this is ${version}`)
  const actual = ['journal_mode', 'synchronous', 'foreign_keys'].map((name) => String(connection.pragma(name, { simple: true }))).join()
  if (actual !== 'wal,2,1') throw new Error(`the database did not take its settings (journal_mode, synchronous, foreign_keys: ${actual})`)
}

function syncFolder (folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
