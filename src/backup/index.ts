import { randomUUID } from 'node:crypto'
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, renameSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { finishCopy } from '../db/copies.ts'
import { FolderError } from '../db/errors.ts'
import { openDatabase } from '../db/open.ts'
import { openSnapshot } from '../db/snapshot.ts'
import { syncFolder } from '../disk.ts'
import { VERSION } from '../version.ts'
import { clearUnfinished, hashOf, keepNewest } from './generation.ts'
import { DATABASE, generationsIn, generationsOf, LEFT_OUT, lockLayout, makeLayout, nameOf, SECRET_FILES, SECRETS } from './layout.ts'
import { readManifest, writeManifest, writePictures } from './manifest.ts'
import { gatherPictures } from './pictures.ts'
import { openPool, syncFile } from './pool.ts'
import type { Pool } from './pool.ts'
import type { OnProgress } from './progress.ts'
import { addTombstones, readTombstones } from './tombstones.ts'

interface Options {
  dataDir: string
  withSecrets?: boolean
  /** How many generations are kept; all unless told. */
  keep?: number | undefined
  onProgress?: OnProgress
}

/** What a backup did. `copied` counts the pictures that were not in the pool yet. */
export interface BackedUp {
  generation: string
  accounts: number
  pictures: number
  copied: number
  /** Of the database and those pictures. */
  bytes: number
  missing: string[]
  damaged: string[]
  left_out: string[]
  removed: string[]
}

/** Makes a generation in `dir`, beside a server or without one. Throws a FolderError; what was there before stays whole, whatever happens. */
export async function backUp (dir: string, options: Options): Promise<BackedUp> {
  try {
    const service = await serviceOf(options.dataDir)
    makeLayout(dir)
    const lock = lockLayout(dir)
    try {
      const newest = generationsIn(dir).at(-1)
      const owner = newest === undefined ? service : readManifest(dir, newest).service
      if (owner !== service) throw new FolderError('BACKUP_FAILED', `${dir} holds the backups of another service, whose people have the same numbers: choose another folder`)
      clearUnfinished(dir)
      const pool = openPool(dir)
      let made: BackedUp
      try {
        made = await makeGeneration(dir, service, pool, options)
      } catch (error) {
        clearUnfinished(dir)
        pool.undo()
        throw error
      }
      if (options.keep !== undefined) made.removed = (await keepNewest(dir, options.keep, pool)).generations
      return made
    } finally {
      lock.release()
    }
  } catch (error) {
    throw inWords(dir, error)
  }
}

async function makeGeneration (dir: string, service: string, pool: Pool, { dataDir, withSecrets = false, onProgress = () => {} }: Options): Promise<BackedUp> {
  const snapshot = openSnapshot(dataDir)
  try {
    const { moment, pictures, missing, damaged, copied } = await gatherPictures({ snapshot, pool, dataDir, onProgress })
    const name = nameOf(moment)
    const draft = join(generationsOf(dir), `${name}.new`)
    mkdirSync(draft, { mode: 0o700 })
    const file = join(draft, DATABASE)
    // SQLite would let everybody read one of its own making.
    closeSync(openSync(file, 'wx', 0o600))
    await snapshot.copy(file, (done, of) => onProgress({ step: 'database', done, of }))
    const { schema, accounts, erased } = finishCopy(file)
    syncFile(file)
    const secrets = withSecrets ? await takeSecrets(dataDir, draft) : {}
    await addTombstones(dir, erased)
    await pool.sync()
    const left_out = [...withSecrets ? [] : SECRET_FILES, ...LEFT_OUT]
    const tombstones = readTombstones(dir).ids.size
    await writeManifest(draft, { format: 1, made: moment.toISOString(), version: VERSION, schema, service, database: await hashOf(file), accounts, files: pictures.size, pictures: await writePictures(draft, pictures), secrets, left_out, missing, damaged, tombstones })
    await syncFolder(draft)
    renameSync(draft, join(generationsOf(dir), name))
    await syncFolder(generationsOf(dir))
    await syncFolder(dir)
    const bytes = statSync(join(generationsOf(dir), name, DATABASE)).size + copied.bytes
    return { generation: name, accounts, pictures: pictures.size, copied: copied.files, bytes, missing, damaged, left_out, removed: [] }
  } finally {
    snapshot.close()
  }
}

async function takeSecrets (dataDir: string, draft: string): Promise<Record<string, string>> {
  const folder = join(draft, SECRETS)
  mkdirSync(folder, { mode: 0o700 })
  const taken: Record<string, string> = {}
  for (const name of SECRET_FILES) {
    if (!existsSync(join(dataDir, name))) continue
    const file = join(folder, name)
    closeSync(openSync(file, 'wx', 0o600))
    copyFileSync(join(dataDir, name), file)
    syncFile(file)
    taken[name] = await hashOf(file)
  }
  await syncFolder(folder)
  return taken
}

/** By what a service knows its own backups. Alone, this brings the database up to date, as every command does. */
async function serviceOf (dataDir: string): Promise<string> {
  const db = openDatabase({ dataDir, exclusive: false })
  try {
    return await db.write(async (tx) => {
      const known = await tx.facts.find('service')
      const service = known ?? randomUUID()
      if (known === undefined) await tx.facts.set('service', service)
      return service
    })
  } finally {
    await db.close()
  }
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'DATABASE_FULL'])
const CROWDED_BYTES = 1_024 ** 2

/** SQLite does not tell a full disk from a broken one where it shares memory by a file. */
function isCrowded (dir: string): boolean {
  const { bavail, bsize } = statfsSync(dir)
  return bavail * bsize < CROWDED_BYTES
}

/** What an operator can mend, in one sentence. */
export function inWords (dir: string, error: unknown): unknown {
  const { code, message } = error as { code?: unknown, message: string }
  if (error instanceof FolderError) return error
  const isFull = FULL.has(String(code)) || (String(code).startsWith('SQLITE_IOERR') && isCrowded(dir))
  if (isFull) return new FolderError('BACKUP_FAILED', `there is no room for it on the disk of ${dir}; nothing half was left`, { cause: error })
  if (code === 'EROFS' || code === 'EACCES' || code === 'ENOTDIR' || code === 'EIO' || code === 'ENOENT' || String(code).startsWith('SQLITE_')) return new FolderError('BACKUP_FAILED', `${dir}: ${message}`, { cause: error })
  return error
}

