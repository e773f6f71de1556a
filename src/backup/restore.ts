import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { settleDatabase } from '../db/sqlite/copies.ts'
import type { Copied } from '../db/sqlite/copies.ts'
import { FolderError } from '../db/errors.ts'
import { databaseOf, lockOf, makeFolder } from '../db/sqlite/folder.ts'
import { lockInstance } from '../db/sqlite/lock.ts'
import { syncFolder } from '../disk.ts'
import { foldersOf, mediaOf } from '../images/store/folder.ts'
import { replaceOwnFile } from '../own-file.ts'
import { findGeneration, lockLayout, STAGING } from './layout.ts'
import { readManifest } from './manifest.ts'
import { stage } from './stage.ts'
import type { Staged } from './stage.ts'
import type { OnProgress } from './progress.ts'
import { readTombstones } from './tombstones.ts'
import { inWords } from './trouble.ts'

/** What was there, until the new one has its place. Left by a crash, it goes with the copies from before updates. */
const BEFORE = 'visage.db.before-restore'

interface Options {
  dataDir: string
  generation?: string | undefined
  /** Whoever was signed in at the time of the backup still is. */
  keepSessions?: boolean
  /** The key that the settings have. */
  sealKey?: string
  onProgress?: OnProgress
}

export interface Restored extends Omit<Staged, 'pictures'> {
  generation: string
  pictures: number
  /** What was there: `broken` could not be read, undefined is nothing. */
  before: Copied | 'broken' | undefined
}

/** Puts a generation in the place of what is in a data folder that no server has. Throws a FolderError, and then nothing was changed. */
export async function restore (dir: string, { dataDir, generation: wanted, keepSessions = false, sealKey, onProgress = () => {} }: Options): Promise<Restored> {
  const generation = findGeneration(dir, wanted)
  const backups = lockLayout(dir)
  const staging = join(dataDir, STAGING)
  try {
    const { ids, damaged } = readTombstones(dir)
    if (damaged.length > 0) throw new FolderError('BACKUP_DAMAGED', `tombstones: line ${damaged[0]} is damaged, so that it is not known who must not come back; nothing was changed`)
    if (!existsSync(databaseOf(dataDir))) mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    else makeFolder(dataDir)
    const alone = lockInstance(lockOf(dataDir), { required: true })
    try {
      const before = settleDatabase(dataDir)
      rmSync(staging, { recursive: true, force: true })
      mkdirSync(staging, { mode: 0o700 })
      // Whoever was removed since the last backup is known here alone; numbers of another service are other people's.
      const isSame = before !== undefined && before !== 'broken' && before.service === readManifest(dir, generation).service
      const erased = [...ids, ...isSame ? before.erased : []]
      const key = join(dataDir, 'seal.key')
      const staged = await stage({ dir, generation, folder: staging, erased, since: isSame ? dataDir : undefined, keepSessions, sealKey, folderKey: existsSync(key) ? readFileSync(key, 'utf8') : undefined, onProgress })
      await swap(dataDir, staging, staged)
      return { ...staged, generation, pictures: staged.pictures.length, before }
    } catch (error) {
      throw inWords(dataDir, error)
    } finally {
      rmSync(staging, { recursive: true, force: true })
      alone?.release()
    }
  } catch (error) {
    throw inWords(dataDir, error)
  } finally {
    backups.release()
  }
}

/**
 * In an order in which a crash leaves either what was there or what comes: pictures have names of their own, so those of both can
 * lie beside each other, and the database takes its place in one step.
 */
async function swap (dataDir: string, staging: string, { pictures, manifest }: Staged): Promise<void> {
  const media = Object.values(foldersOf(dataDir))
  for (const folder of media) mkdirSync(folder, { recursive: true })
  const put = (path: string) => renameSync(mediaOf(staging, path), mediaOf(dataDir, path))
  const isThere = new Set(pictures.filter((path) => existsSync(mediaOf(dataDir, path))))
  for (const path of pictures) if (!isThere.has(path)) put(path)
  for (const folder of [...media, mediaOf(dataDir)]) await syncFolder(folder)
  for (const name of Object.keys(manifest.secrets)) {
    const text = readFileSync(join(staging, name), 'utf8')
    if (!existsSync(join(dataDir, name)) || readFileSync(join(dataDir, name), 'utf8') !== text) await replaceOwnFile(dataDir, name, text)
  }

  const file = databaseOf(dataDir)
  const before = join(dataDir, BEFORE)
  rmSync(before, { force: true })
  if (existsSync(file)) linkSync(file, before)
  // Only a database that cannot be read has a log by now; whole, it would be taken for that of the new one.
  for (const beside of ['-wal', '-shm']) if (existsSync(`${file}${beside}`)) renameSync(`${file}${beside}`, `${before}${beside}`)
  await syncFolder(dataDir)
  renameSync(databaseOf(staging), file)
  await syncFolder(dataDir)

  // The same bytes nearly always: a size may have been made anew since.
  for (const path of isThere) if (statSync(mediaOf(staging, path)).ino !== statSync(mediaOf(dataDir, path)).ino) put(path)
  const kept = new Set(pictures)
  for (const folder of media) {
    const path = (name: string) => `${basename(folder)}/${name}`
    for (const name of readdirSync(folder)) if (!kept.has(path(name))) rmSync(mediaOf(dataDir, path(name)), { recursive: true })
    await syncFolder(folder)
  }
  for (const beside of ['', '-wal', '-shm']) rmSync(`${before}${beside}`, { force: true })
  await syncFolder(dataDir)
}
