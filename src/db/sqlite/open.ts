import { statSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type Sqlite from 'better-sqlite3'
import { STOP, atMost } from '../../stop.ts'
import { VERSION } from '../../version.ts'
import { removeOldBackups } from './backup.ts'
import { watchCommits } from './commits.ts'
import { assertDurable, connectTo } from './connection.ts'
import { dialNumbers } from '../contacts.ts'
import type { Database } from '../database.ts'
import { createDeeds } from '../deeds.ts'
import { drizzle } from '../drizzle.ts'
import { FolderError } from '../errors.ts'
import { movesOf, refuseMoved } from '../moves.ts'
import { factsIn } from './facts.ts'
import { comesTrue, databaseOf, findFolder, lockOf, makeFolder, syncFolder } from './folder.ts'
import { lockInstance } from './lock.ts'
import type { Queries } from '../queries.ts'
import type { Seen } from '../presence.ts'
import { ALONE } from '../processes.ts'
import { createMemory } from './memory.ts'
import { createMigrations } from './migrations.ts'
import type { Migrations } from './migrations.ts'
import { createProbes } from './probes.ts'
import { createReaders } from './readers.ts'
import { isUsable, makeAnew } from './search/queries.ts'
import { createRenewal } from './search/renewal.ts'
import { prepare, prepareReading } from './queries.ts'
import { watchRows } from './touched.ts'
import { createWriter } from './write.ts'

const MIGRATIONS = fileURLToPath(new URL('../../../migrations', import.meta.url))

/** How to let go of each database that is open, however the process ends: a deadline, or an error that nobody foresaw. */
const open = new Set<() => void>()
process.on('exit', () => { for (const letGo of open) letGo() })

const NOTE: Record<Seen, (tx: Queries, id: number, at: number) => Promise<void>> = {
  people: (tx, id, at) => tx.presence.seen(id, at),
  sessions: (tx, id, at) => tx.sessions.seen(id, at),
  keys: (tx, id, at) => tx.keys.used(id, at),
}

/** What is opened, and how. */
export interface Opening {
  dataDir: string
  exclusive: boolean
  /** The folder of migrations, and what the program that has them calls itself. */
  migrations?: string
  version?: string
  /** Whoever moves a service opens what nobody else may: what is filled, and what was moved. */
  isMoving?: boolean
  /** See `Engine`. */
  tracksPictures?: boolean
}

/** Opens `<dataDir>/visage.db`, as `openDatabase` says. Whoever is exclusive holds the instance lock. */
export function openSqlite ({ dataDir, exclusive, migrations: folder = MIGRATIONS, version = VERSION, isMoving = false, tracksPictures = false }: Opening): Database {
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
    if (!isMoving) refuseMoved(dataDir, movesOf(factsIn(writing)))
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
    const queries = prepare(writing, { renewal, deeds, tracksPictures })
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
    const onCommit: ((works: number) => void)[] = []
    const writer = createWriter(writing, queries, {
      afterwork: renewal.afterwork,
      deeds,
      settled () {
        commits.told()
        memory.forget(touched())
      },
      committed (works) {
        deeds.committed()
        for (const told of onCommit) told(works)
      },
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
      noteSeen: (kind, notes) => writer.write(async (tx) => { for (const [id, at] of notes) await NOTE[kind](tx, id, at) }),
      listen: deeds.listen,
      onCommit: (listener) => { onCommit.push(listener) },
      async truncateLog () {
        // No transaction is open at the start of a turn: works end within the turn in which they began.
        await nextTurn()
        if (!writing.inTransaction) writing.pragma('wal_checkpoint(TRUNCATE)')
      },
      lock: async () => lockInstance(lockOf(dataDir), { required: false }),
      backup,
      uses: undefined,
      processes: ALONE,
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
