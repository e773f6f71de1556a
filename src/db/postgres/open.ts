import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { STOP, atMost } from '../../stop.ts'
import { VERSION } from '../../version.ts'
import { placeOf, wayTo } from './address.ts'
import { createPool } from './client.ts'
import type { Pool, PoolClient } from './client.ts'
import type { Database } from '../database.ts'
import type { Deed } from '../deeds.ts'
import { DatabaseError, FolderError } from '../errors.ts'
import { lockOf, makeFolder } from '../sqlite/folder.ts'
import { lockInstance as lockFolder } from '../sqlite/lock.ts'
import type { InstanceLock } from '../sqlite/lock.ts'
import { ALONE } from '../processes.ts'
import { lockInstance } from './lock.ts'
import type { HeldLock } from './lock.ts'
import { createMigrations } from './migrations.ts'
import { noteSeen } from './presence.ts'
import { joinProcesses } from './processes.ts'
import type { JoinedProcesses } from './processes.ts'
import { causeOf } from './errors.ts'
import { factsIn } from './facts.ts'
import { movesOf, refuseMoved } from '../moves.ts'
import { openFields } from './fields.ts'
import type { DeclaredFields } from './fields.ts'
import { askingFrom, preparing, readingFrom } from './queries.ts'
import { usesIn } from './uses.ts'
import { getTableName } from '../drizzle.ts'
import { tables } from '../tables.ts'
import { search } from './search/table.ts'
import { createWriter } from './write.ts'

const MIGRATIONS = fileURLToPath(new URL('../../../migrations-pg', import.meta.url))
const TABLES = [...tables.map(({ name }) => name), getTableName(search)]
const PATIENCE_MS = 2_000
const POLL_MS = 25
const undone = new Error('undone')

/** What is opened, and how. */
export interface PostgresOpening {
  /** For pictures and keys; made where there is none. One server has both that and the database. */
  dataDir: string
  exclusive: boolean
  /** As many servers as wanted run on it, each with a folder of its own. */
  isShared?: boolean
  /** `postgres://…` as libpq has it. */
  url: string
  /** Connections at most. */
  connections: number
  migrations?: string
  version?: string
  /** Whoever moves a service opens what nobody else may. */
  isMoving?: boolean
  /** See `Engine`. */
  tracksPictures?: boolean
}

/** Opens a database of PostgreSQL 15 or newer. Throws a FolderError in one line, which names no password. */
export async function openPostgres ({ dataDir, exclusive, isShared = false, url, connections, migrations: folder = MIGRATIONS, version = VERSION, isMoving = false, tracksPictures = false }: PostgresOpening): Promise<Database> {
  const pool = poolTo(url, connections)
  const migrations = createMigrations({ folder, version })
  if (exclusive) makeFolder(dataDir)
  const ofFolder = exclusive ? lockFolderFor(dataDir, isShared) : undefined
  const gone = () => on(pool, async (client) => (await client.query<{ name: string }>('select name from unnest(cast($1 as text[])) as name where to_regclass(quote_ident(name)) is null', [TABLES])).rows.map(({ name }) => name))
  const size = () => on(pool, async (client) => Number((await client.query('select pg_database_size(current_database()) as bytes')).rows[0].bytes))
  let lock: HeldLock | undefined
  let processes: JoinedProcesses | undefined
  let fields: DeclaredFields
  let bytes: number
  try {
    await on(pool, assertUsable)
    if (exclusive && isShared) processes = await joined(url)
    else lock = await lockInstance(pool)
    if (exclusive && !isShared && lock === undefined) throw new FolderError('INSTANCE_LOCKED', 'another server is running on this database')
    await on(pool, async (client) => {
      if (!isMoving) refuseMoved(placeOf(url), movesOf(await factsIn(client)))
      if (lock !== undefined || processes !== undefined) return await migrations.run(client)
      // Another command may be just at it.
      for (const giveUp = performance.now() + PATIENCE_MS; !await migrations.isDone(client) && performance.now() < giveUp;) await sleep(POLL_MS)
      if (!await migrations.isDone(client)) throw new FolderError('SERVER_OLDER', `the running server is older than this program (${version}): restart it first`)
    })
    bytes = await size()
    fields = await openFields(pool)
    if (!exclusive) await lock?.release()
  } catch (error) {
    await lock?.release()
    await processes?.close()
    ofFolder?.release()
    await pool.end()
    throw inOneLine(error, url)
  }

  const listeners: { deeds: ((deeds: readonly Deed[]) => void)[], commits: ((works: number) => void)[] } = { deeds: [], commits: [] }
  const preparedOn = preparing({ fields, tracksPictures, told: (deeds) => { for (const listener of listeners.deeds) listener(deeds) } })
  const writer = createWriter({ pool, preparedOn, committed: (works) => { for (const listener of listeners.commits) listener(works) } })
  const questions = askingFrom(pool, preparedOn)
  let [isRefusing, isClosed] = [false, false]
  const unlessRefusing = <Q extends (...about: never[]) => Promise<unknown>>(question: Q): Q => ((...about: never[]) => isRefusing
    ? Promise.reject(new DatabaseError('DATABASE_BUSY', new Error('the database is being closed')))
    : question(...about)) as Q
  /** A server whose place another may have taken writes nothing. */
  const isAlone = () => !exclusive || isShared || lock?.isHeld() === true
  const taken = () => new DatabaseError('DATABASE_BUSY', new Error('the connection that holds the place of the one server is lost'))

  return {
    read: readingFrom(pool, preparedOn, fields),
    find: unlessRefusing(questions.find),
    findPage: unlessRefusing(questions.findPage),
    countPeople: unlessRefusing(questions.countPeople),
    listGroups: unlessRefusing(questions.listGroups),
    listGroupsBehind: unlessRefusing(questions.listGroupsBehind),
    countMembers: unlessRefusing(questions.countMembers),
    listChanges: unlessRefusing(questions.listChanges),
    countChanges: unlessRefusing(questions.countChanges),
    write: (work) => isAlone() ? writer.write(work) : Promise.reject(taken()),
    writeAll: (works, keep) => isAlone() ? writer.writeAll(works, keep) : Promise.reject(taken()),
    noteSeen: (kind, notes) => isAlone() ? noteSeen(pool, kind, notes) : Promise.reject(taken()),
    listen: (listener) => { listeners.deeds.push(listener) },
    onCommit: (listener) => { listeners.commits.push(listener) },
    // Its own vacuum does that, and its log is not in our hands.
    async truncateLog () {},
    lock: () => lockInstance(pool),
    backup: undefined,
    uses: usesIn(pool),
    processes: processes ?? ALONE,
    removeOldBackups: async () => [],
    probes: {
      async database () {
        bytes = await size()
        if (!isAlone()) return taken().message
        const lost = await gone()
        if (lost.length > 0) return `tables are missing: ${lost.join(', ')}`
        await writer.write(async (tx) => {
          await tx.facts.set('written_at', String(Date.now()))
          throw undone
        }).catch((error: unknown) => { if (error !== undone) throw error })
        return undefined
      },
      migrations: async () => await on(pool, migrations.isEnough) ? undefined : 'the database is not up to date: restart the service',
    },
    figures: () => ({ ...writer.counts, queriesWaiting: pool.waitingCount, bytes, logBytes: 0 }),
    refuse () { isRefusing = true },
    async close (patience = STOP.database - STOP.core) {
      if (isClosed) return
      isClosed = true
      fields.close()
      await atMost(patience, writer.idle())
      if (exclusive) await atMost(patience, lock?.release() ?? Promise.resolve())
      await atMost(patience, processes?.close() ?? Promise.resolve())
      await atMost(patience, pool.end())
      ofFolder?.release()
    },
  }
}

/** A command has it to itself while it migrates. */
async function joined (url: string): Promise<JoinedProcesses> {
  for (const giveUp = performance.now() + PATIENCE_MS; ;) {
    const processes = await joinProcesses(url)
    if (processes !== undefined) return processes
    if (performance.now() > giveUp) throw new FolderError('INSTANCE_LOCKED', 'another server has this database to itself: one without VISAGE_STORE_URL, or a command')
    await sleep(POLL_MS)
  }
}

/** One of several servers has a folder for what it is just working on. */
function lockFolderFor (dataDir: string, isShared: boolean): InstanceLock | undefined {
  const lock = lockFolder(lockOf(dataDir), { required: !isShared })
  if (lock === undefined) throw new FolderError('INSTANCE_LOCKED', `another process has ${dataDir}: give each a data folder of its own (VISAGE_DATA_DIR), for what it is just working on`)
  return lock
}

const poolTo = (url: string, connections: number): Pool => createPool(wayTo(url, connections))

/** What keeps a database from being opened, for whoever set its address; never the password. */
const inOneLine = (error: unknown, url: string): unknown => error instanceof FolderError ? error
  : new FolderError('DATABASE_UNREACHABLE', `VISAGE_DATABASE_URL: the database at ${placeOf(url)} cannot be opened: ${causeOf(error).message}`, { cause: error })

/** How many steps an opening would take first; looks and changes nothing. */
export async function missingInPostgres (url: string): Promise<number> {
  const pool = poolTo(url, 1)
  try {
    return await on(pool, createMigrations({ folder: MIGRATIONS, version: VERSION }).missing)
  } catch (error) {
    throw inOneLine(error, url)
  } finally {
    await pool.end()
  }
}

async function on<A> (pool: Pool, work: (client: PoolClient) => Promise<A>): Promise<A> {
  const client = await pool.connect()
  try {
    const answer = await work(client)
    client.release()
    return answer
  } catch (error) {
    client.release(true)
    throw error
  }
}

const OLDEST = 150_000

/** What could not be put right later: a database that takes other letters, or orders them otherwise. */
async function assertUsable (client: PoolClient): Promise<void> {
  const { rows: [is] } = await client.query<{ version: string, encoding: string, letters: number }>("select current_setting('server_version_num') as version, current_setting('server_encoding') as encoding, 'é' ~ '^[[:alpha:]]$' as letters")
  if (Number(is?.version) < OLDEST) throw new FolderError('DATABASE_UNFIT', `this is PostgreSQL ${Math.floor(Number(is?.version) / 10_000)}, and the oldest that will do is 15`)
  if (is?.encoding !== 'UTF8' || is.letters !== 1) throw new FolderError('DATABASE_UNFIT', "the database does not know Unicode's letters: make it with `create database … template template0 encoding UTF8 locale 'C.UTF-8'`")
}
