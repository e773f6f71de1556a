import { statSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type Sqlite from 'better-sqlite3'
import { STOP, atMost } from '../stop.ts'
import { VERSION } from '../version.ts'
import { removeOldBackups } from './backup.ts'
import { watchCommits } from './commits.ts'
import { assertDurable, connectTo } from './connection.ts'
import { dialNumbers } from './contacts.ts'
import { createDeeds } from './deeds.ts'
import type { Deeds } from './deeds.ts'
import { drizzle } from './drizzle.ts'
import { FolderError } from './errors.ts'
import { comesTrue, databaseOf, findFolder, lockOf, makeFolder, syncFolder } from './folder.ts'
import { lockInstance } from './lock.ts'
import type { InstanceLock } from './lock.ts'
import { createMemory } from './memory.ts'
import { createMigrations } from './migrations.ts'
import type { Migrations } from './migrations.ts'
import { createProbes } from './probes.ts'
import type { Queries } from './queries.ts'
import { createReaders } from './readers.ts'
import type { Readers } from './readers.ts'
import { isUsable, makeAnew } from './search/queries.ts'
import { createRenewal } from './search/renewal.ts'
import { prepare, prepareReading } from './sqlite/queries.ts'
import { watchRows } from './touched.ts'
import { createWriter } from './write.ts'
import type { Keep } from './write.ts'

export type { Queries } from './queries.ts'

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url))

/** How to let go of each database that is open, however the process ends: a deadline, or an error that nobody foresaw. */
const open = new Set<() => void>()
process.on('exit', () => { for (const letGo of open) letGo() })

export interface Database {
  /** Queries that see committed data only. */
  read: Queries
  /** Finds people by whatever can be asked of them; on a thread of its own, because it may take long. */
  find: Readers['find']
  /** The same by places instead of numbers of pages; on a reader thread too. */
  findPage: Readers['findPage']
  /** How many people an answer of `findPage` is a part of; on a reader thread too. */
  countPeople: Readers['countPeople']
  /** A page of groups with the number of members of each; on a reader thread too. */
  listGroups: Readers['listGroups']
  /** The same behind a group; on a reader thread too. */
  listGroupsBehind: Readers['listGroupsBehind']
  /** How many people are in a group; on a reader thread too. */
  countMembers: Readers['countMembers']
  /** The log of changes; on a reader thread too. */
  listChanges: Readers['listChanges']
  /** How many changes there are like that; on a reader thread too. */
  countChanges: Readers['countChanges']
  /** Runs `work` in its own savepoint; neighbours share one durable commit. Resolves after that commit. */
  write: <T>(work: (tx: Queries) => Promise<T>) => Promise<T>
  /** The same for several works, one after the other and in one commit; `keep` says what stays of them. Resolves to how each of them ended. */
  writeAll: <T>(works: readonly ((tx: Queries) => Promise<T>)[], keep: Keep) => Promise<PromiseSettledResult<T>[]>
  /** Tells what this process has done to accounts, after each commit. */
  listen: Deeds['listen']
  /** Puts the log into the file and empties it, so that what was deleted lies nowhere any more; when others are reading, the next time. */
  truncateLog: () => Promise<void>
  /** The right to be alone with the folder; undefined while a server is running on it. */
  lock: () => InstanceLock | undefined
  /** The copy from before an update, where this opening was one and it took something away. */
  backup: string | undefined
  /** Removes the copies from before updates that are a week old by this time in milliseconds. Resolves to their names. */
  removeOldBackups: (now: number) => Promise<string[]>
  /** Whether it would take what requests write. */
  probes: ReturnType<typeof createProbes>
  /** How much it does and takes, since the start or now. */
  figures: () => { commits: number, works: number, queriesWaiting: number, bytes: number, logBytes: number }
  /** Fails the queries of `find`: the time for their answers is over. */
  refuse: Readers['refuse']
  /** Waits for what was begun, but for so many milliseconds at most. */
  close: (patience?: number) => Promise<void>
}

interface Options {
  dataDir: string
  exclusive: boolean
  /** The folder of migrations, and what the program that has them calls itself. */
  migrations?: string
  version?: string
}

/**
 * Opens `<dataDir>/visage.db` and applies the migrations. The server is `exclusive`: it makes the folder where there is none,
 * and holds the instance lock for as long as it lives. An operator command is not: it works beside a server, and alone it
 * migrates as well. Throws a FolderError.
 */
export function openDatabase ({ dataDir, exclusive, migrations: folder = MIGRATIONS, version = VERSION }: Options): Database {
  if (exclusive) makeFolder(dataDir)
  else findFolder(dataDir)
  const file = databaseOf(dataDir)
  const lock = lockInstance(lockOf(dataDir), { required: exclusive })
  const connections: Sqlite.Database[] = []
  const connect = () => {
    const connection = connectTo(file)
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
    const migrations = createMigrations(writing, { dataDir, folder, version })
    const backup = lock === undefined ? undefined : migrations.run()
    if (lock === undefined && !comesTrue(migrations.isDone)) throw new FolderError('SERVER_OLDER', `the running server is older than this program (${version}): restart it first`)
    if (lock !== undefined) {
      dialNumbers(writing)
      openIndex(writing)
      syncFolder(dataDir)
    }
    const renewal = createRenewal(writing, drizzle(writing))
    const deeds = createDeeds()
    const queries = prepare(writing, { renewal, deeds })
    if (!exclusive) lock?.release()
    // Reads have a connection of their own: on the writer's they would see a neighbour's uncommitted rows.
    const reading = connect()
    reading.pragma('query_only = ON')
    // The writer waits for its turn without blocking anybody, so SQLite need not wait at all.
    writing.pragma('busy_timeout = 0')
    // On the writing connection it tells of other processes alone; what this one changes is told by the row.
    const commits = watchCommits(writing)
    const memory = createMemory(reading, commits)
    const touched = watchRows(writing)
    const writer = createWriter(writing, queries, {
      afterwork: renewal.afterwork,
      deeds,
      settled () {
        commits.told()
        memory.forget(touched())
      },
      committed: deeds.committed,
    })
    const readers = createReaders(file)

    return {
      read: prepareReading(reading, memory),
      find: readers.find,
      findPage: readers.findPage,
      countPeople: readers.countPeople,
      listGroups: readers.listGroups,
      listGroupsBehind: readers.listGroupsBehind,
      countMembers: readers.countMembers,
      listChanges: readers.listChanges,
      countChanges: readers.countChanges,
      write: writer.write,
      writeAll: writer.writeAll,
      listen: deeds.listen,
      async truncateLog () {
        // No transaction is open at the start of a turn: works end within the turn in which they began.
        await nextTurn()
        if (!writing.inTransaction) writing.pragma('wal_checkpoint(TRUNCATE)')
      },
      lock: () => lockInstance(lockOf(dataDir), { required: false }),
      backup,
      removeOldBackups: (now) => removeOldBackups(dataDir, now),
      probes: createProbes({ reading, file, write: writer.write, isCurrent: migrations.isDone }),
      figures: () => ({ ...writer.counts, queriesWaiting: readers.waiting(), bytes: bytesOf(file), logBytes: bytesOf(`${file}-wal`) }),
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

/** What an opening would do to the database of a folder first; looks and changes nothing. Throws as `openDatabase` does. */
export function missingMigrations (dataDir: string): ReturnType<Migrations['missing']> {
  findFolder(dataDir)
  const connection = connectTo(databaseOf(dataDir))
  try {
    return createMigrations(connection, { dataDir, folder: MIGRATIONS, version: VERSION }).missing()
  } finally {
    connection.close()
  }
}
const bytesOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

/** Where there is no search index yet, or one of another version: begins one, which is quickly done. The service puts people into it while it runs. */
function openIndex (connection: Sqlite.Database): void {
  const db = drizzle(connection)
  if (!isUsable(db)) connection.transaction(() => makeAnew(db, connection)).immediate()
}
