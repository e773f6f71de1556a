import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { factsOf, finishCopy } from '../db/sqlite/copies.ts'
import { FolderError } from '../db/errors.ts'
import { openSnapshot } from '../db/sqlite/snapshot.ts'
import { isFull, syncFolder } from '../disk.ts'
import { VERSION } from '../version.ts'
import { clearUnfinished, hashOf, keepNewest } from './generation.ts'
import { DATABASE, databaseIn, generationsIn, generationsOf, LEFT_OUT, lockLayout, makeLayout, nameOf, SECRET_FILES } from './layout.ts'
import { newestOf, readPictures, writeManifest, writePictures } from './manifest.ts'
import { gatherPictures, oddIn } from './pictures.ts'
import { openPool, syncFile } from './pool.ts'
import type { Pool } from './pool.ts'
import type { OnProgress } from './progress.ts'
import { takeSecrets } from './secrets.ts'
import { addTombstones, readTombstones } from './tombstones.ts'
import { inWords } from './trouble.ts'

interface Options {
  dataDir: string
  withSecrets?: boolean
  /** How many generations are kept; all unless told. */
  keep?: number | undefined
  onProgress?: OnProgress
}

/** An earlier backup: its database, and the pictures of which that does not tell everything. */
interface Before { file: string, odd: string[] }

/** What a backup did. `copied` counts the pictures that were not in the pool yet. */
export interface BackedUp {
  generation: string
  /** As ISO 8601. */
  made: string
  accounts: number
  pictures: number
  copied: number
  /** Of the database and those pictures. */
  bytes: number
  missing: string[]
  damaged: string[]
  leftOut: string[]
  removed: string[]
  /** Earlier backups that cannot be read, so that nothing could be removed from the pool. */
  unreadable: string[]
}

/** Makes a generation in `dir`, beside a server or without one. Throws a FolderError; what was there before stays whole, whatever happens. */
export async function backUp (dir: string, options: Options): Promise<BackedUp> {
  try {
    const service = await serviceOf(options.dataDir)
    makeLayout(dir, options.dataDir)
    const lock = lockLayout(dir)
    try {
      const newest = newestOf(dir, generationsIn(dir))
      if (newest !== undefined && newest.manifest.service !== service) throw new FolderError('BACKUP_FAILED', `${dir} holds the backups of another service, whose people have the same numbers: choose another folder`)
      clearUnfinished(dir)
      const pool = openPool(dir)
      const attempt = async (before: Before | undefined): Promise<BackedUp> => {
        try {
          return await makeGeneration(dir, service, pool, { ...options, before })
        } catch (error) {
          const told = inWords(dir, error)
          clearUnfinished(dir)
          pool.undo()
          // One that is damaged must not keep those that come from being made; `verify` tells.
          if (before !== undefined && /^SQLITE_(?:CORRUPT|NOTADB|ERROR)/.test(String((error as { code?: unknown }).code))) return await attempt(undefined)
          throw told
        }
      }
      const made = await attempt(beforeOf(dir, newest, pool))
      try {
        if (options.keep !== undefined) made.removed = await keepNewest(dir, options.keep, pool)
      } catch (error) {
        if ((error as FolderError).code !== 'BACKUP_DAMAGED') throw error
        made.unreadable.push((error as FolderError).message)
      }
      pool.leave(new Date(made.made))
      return made
    } finally {
      lock.release()
    }
  } catch (error) {
    // SQLite needs some room beside the database that is read, too.
    throw inWords(!isFull(dir, error) && isFull(options.dataDir, error) ? options.dataDir : dir, error)
  }
}

/** The generation of which the rest can be known by what has changed since; none where the pool has lost or got anything since. */
function beforeOf (dir: string, newest: ReturnType<typeof newestOf>, pool: Pool): Before | undefined {
  if (newest?.manifest.format !== 2 || !pool.isAsLeft(new Date(newest.manifest.made)) || !existsSync(databaseIn(dir, newest.name))) return undefined
  const { name, manifest } = newest
  try {
    return { file: databaseIn(dir, name), odd: oddIn(manifest, readPictures(dir, name, manifest)) }
  } catch (error) {
    if ((error as FolderError).code === 'BACKUP_DAMAGED') return undefined
    throw error
  }
}

async function makeGeneration (dir: string, service: string, pool: Pool, { dataDir, withSecrets = false, onProgress = () => {}, before }: Options & { before: Before | undefined }): Promise<BackedUp> {
  const snapshot = openSnapshot(dataDir, before?.file)
  try {
    const { moment, odd, files, missing, damaged, copied } = await gatherPictures({ snapshot, pool, dataDir, odd: before?.odd ?? [], onProgress })
    const name = nameOf(moment, generationsIn(dir).at(-1))
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
    const leftOut = [...withSecrets ? [] : SECRET_FILES, ...LEFT_OUT]
    const tombstones = readTombstones(dir).ids.size
    const made = moment.toISOString()
    await writeManifest(draft, { format: 2, made, version: VERSION, schema, service, database: await hashOf(file), accounts, files, pictures: await writePictures(draft, odd), secrets, left_out: leftOut, missing, damaged, tombstones })
    await syncFolder(draft)
    renameSync(draft, join(generationsOf(dir), name))
    await syncFolder(generationsOf(dir))
    await syncFolder(dir)
    const bytes = statSync(databaseIn(dir, name)).size + copied.bytes
    return { generation: name, made, accounts, pictures: files, copied: copied.files, bytes, missing, damaged, leftOut, removed: [], unreadable: [] }
  } finally {
    snapshot.close()
  }
}

/** By what a service knows its own backups. Alone, this brings the database up to date, as every command does. */
async function serviceOf (dataDir: string): Promise<string> {
  const { service, version } = factsOf(dataDir)
  // Then it is up to date, and nobody has to wait for a turn of writing.
  if (service !== undefined && version === VERSION) return service
  const { openDatabase } = await import('../db/index.ts')
  const db = await openDatabase({ dataDir, exclusive: false })
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
