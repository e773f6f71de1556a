import { mkdirSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { FolderError } from '../db/errors.ts'
import { lockInstance } from '../db/sqlite/lock.ts'
import type { InstanceLock } from '../db/sqlite/lock.ts'

/**
 * A folder of backups: `generations/<time>/` holds the database of one moment and what it needs, `pool/` every picture of any of
 * them once, by its hash, and `tombstones` the numbers of people who were removed, which hold for all of them.
 */
export const DATABASE = 'visage.sqlite3'
export const MANIFEST = 'manifest.json'
export const MANIFEST_HASH = 'manifest.sha256'
/** The files of pictures of which the database of a generation has no hash, or another one, as `sha256sum` writes them; none where there are none. */
export const PICTURES = 'pictures.sha256'
export const SECRETS = 'secrets'

/** What lies in a data folder and is taken along when asked for. */
export const SECRET_FILES = ['seal.key', 'jwt.secret', 'jwt.ed25519.pem'] as const
/** What is never taken along. */
export const LEFT_OUT = ['templates/', 'mail/', 'staging/', 'instance.lock', 'visage.db.before-…'] as const

export const generationsOf = (dir: string): string => join(dir, 'generations')
export const databaseIn = (dir: string, generation: string): string => join(generationsOf(dir), generation, DATABASE)
export const poolOf = (dir: string): string => join(dir, 'pool')
export const tombstonesOf = (dir: string): string => join(dir, 'tombstones')

const NAME = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z$/
/** How generations are called: by their time, so that their order is that of their names; after `newest`, should the clock have been set back. */
export function nameOf (time: Date, newest?: string): string {
  const before = newest === undefined ? 0 : Date.parse(newest.replace(/T(\d\d)-(\d\d)-/, 'T$1:$2:'))
  return new Date(Math.max(time.getTime(), before + 1)).toISOString().replaceAll(':', '-')
}

/** The finished generations of a folder, the oldest first. */
export function generationsIn (dir: string): string[] {
  try {
    return readdirSync(generationsOf(dir), { withFileTypes: true }).filter((entry) => NAME.test(entry.name) && !entry.isFile()).map(({ name }) => name).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return []
  }
}

/** One generation by its name, or the newest. Throws NO_BACKUP. */
export function findGeneration (dir: string, name?: string): string {
  const all = generationsIn(dir)
  const found = name === undefined ? all.at(-1) : all.find((one) => one === name)
  if (found === undefined) throw new FolderError('NO_BACKUP', name === undefined ? `${dir} holds no backup` : `${dir} holds no backup called ${name}`)
  return found
}

/** What the service clears or replaces as it likes. */
const USED = new Set(['media', 'staging', 'mail', 'templates', 'restore.new'])

/** Makes a folder of backups. Throws BACKUP_FAILED for one that the service itself would remove. */
export function makeLayout (dir: string, dataDir: string): void {
  const first = relative(resolve(dataDir), resolve(dir)).split(sep)[0] ?? ''
  if (first === '' || USED.has(first)) throw new FolderError('BACKUP_FAILED', `${dir} is a folder of the service itself: choose another one, best on another disk`)
  for (const folder of [dir, generationsOf(dir), poolOf(dir)]) mkdirSync(folder, { recursive: true, mode: 0o700 })
}

/** The right to be alone with a folder of backups. On one that cannot be written to nobody else is at work. Throws BACKUP_BUSY. */
export function lockLayout (dir: string): InstanceLock {
  let lock: InstanceLock | undefined
  try {
    lock = lockInstance(join(dir, 'backup.lock'), { required: false })
  } catch (error) {
    if (!/^SQLITE_(READONLY|CANTOPEN|FULL)/.test(String((error as { code?: unknown }).code))) throw error
    return { release () {} }
  }
  if (lock === undefined) throw new FolderError('BACKUP_BUSY', `another backup or restore is at work on ${dir}`)
  return lock
}

/** Where in a data folder a restore builds what takes the place of what is there. */
export const STAGING = 'restore.new'

/** Removes what a restore has left that was killed, which may hold people who are removed by now. For whoever is alone with the data folder. */
export async function clearStaging (dataDir: string): Promise<void> {
  await rm(join(dataDir, STAGING), { recursive: true, force: true })
}
