import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { FolderError } from '../errors.ts'
import { isLocked } from './lock.ts'

const PATIENCE_MS = 2_000
const POLL_MS = 25

export const databaseOf = (dataDir: string): string => join(dataDir, 'visage.db')
export const lockOf = (dataDir: string): string => join(dataDir, 'instance.lock')

/** Whether there is a database in a folder: an empty file is what a first start leaves that did not come far. */
export const hasDatabase = (dataDir: string): boolean => bytesOf(databaseOf(dataDir)) > 0

/** Makes the folder of a server. Throws DATABASE_LOST where only the log of a database lies, which a new database would remove. */
export function makeFolder (dataDir: string): void {
  const file = databaseOf(dataDir)
  if (!hasDatabase(dataDir) && bytesOf(`${file}-wal`) > 0) throw new FolderError('DATABASE_LOST', `${file} is missing, and its log is still there: put the file back, or restore a backup`)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
}

/** Finds the folder of an operator command, which makes none. Where a server is just making one, waits for it. Throws NO_DATA_FOLDER. */
export function findFolder (dataDir: string): void {
  if (hasDatabase(dataDir)) return
  if (namesIn(dataDir).includes('instance.lock') && isLocked(lockOf(dataDir)) && comesTrue(() => hasDatabase(dataDir))) return
  throw new FolderError('NO_DATA_FOLDER', `${dataDir} is not the data folder of a service: it holds no visage.db. Set VISAGE_DATA_DIR to the folder; the first start of the service makes one`)
}

/** Waits for what a server does at its start, two seconds at most. */
export function comesTrue (claim: () => boolean): boolean {
  const giveUp = performance.now() + PATIENCE_MS
  while (!claim()) {
    if (performance.now() > giveUp) return false
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS)
  }
  return true
}

/** Makes the names in a folder durable. */
export function syncFolder (folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

const bytesOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

function namesIn (folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
