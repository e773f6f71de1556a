import { chmodSync, closeSync, fsyncSync, openSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Database as Connection } from 'better-sqlite3'
import { FolderError } from '../errors.ts'
import { databaseOf, syncFolder } from './folder.ts'

/** How long the way back is kept: not for good, because it holds what people have removed since. */
const KEPT_MS = 7 * 86_400_000
const OURS = /^visage\.db\.before-/

/**
 * Copies the database as it is before this version changes it, to `visage.db.before-<version>`, durably and under the same
 * permissions. Resolves to the file. Throws UPDATE_FAILED when there is no room for it and for the change.
 */
export function backUp (connection: Connection, { dataDir, version }: { dataDir: string, version: string }): string {
  const file = databaseOf(dataDir)
  const backup = `${file}.before-${version}`
  const draft = `${backup}.new`
  // Once for the copy, and as much for the log of what is to be written anew.
  const needed = 2 * Number(connection.pragma('page_count', { simple: true })) * Number(connection.pragma('page_size', { simple: true }))
  const { bavail, bsize } = statfsSync(dataDir)
  if (bavail * bsize < needed) {
    throw new FolderError('UPDATE_FAILED', `the update to ${version} first copies the database and needs ${mib(needed)} MiB on the disk of ${dataDir}, where ${mib(bavail * bsize)} MiB are free; nothing was changed`)
  }
  rmSync(draft, { force: true })
  const { mode } = statSync(file)
  try {
    // SQLite takes an empty file for the copy, and would let everybody read one of its own making.
    closeSync(openSync(draft, 'wx', 0o600))
    chmodSync(draft, mode & 0o777)
    connection.prepare('VACUUM INTO ?').run(draft)
    sync(draft)
    renameSync(draft, backup)
    syncFolder(dirname(backup))
  } catch (error) {
    rmSync(draft, { force: true })
    throw new FolderError('UPDATE_FAILED', `the update to ${version} first copies the database, which failed (${(error as Error).message}); nothing was changed`, { cause: error })
  }
  return backup
}

/** Removes copies from before updates that are a week old, and what is left of one that was not finished. Resolves to their names. */
export async function removeOldBackups (dataDir: string, now: number): Promise<string[]> {
  const removed: string[] = []
  for (const name of (await readdir(dataDir)).filter((name) => OURS.test(name))) {
    const file = join(dataDir, name)
    if ((await stat(file)).mtimeMs > now - KEPT_MS) continue
    await rm(file, { force: true })
    removed.push(name)
  }
  return removed
}

const mib = (bytes: number): string => (bytes / 1_024 ** 2).toFixed(1)

function sync (file: string): void {
  const handle = openSync(file, 'r+')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
