import Sqlite from 'better-sqlite3'
import { FolderError } from '../errors.ts'

export interface InstanceLock { release: () => void }

/** A command that found no server holds the lock while it migrates: a server that starts meanwhile waits so long. */
const COMMAND_MS = 1_000

/**
 * The right to be the one server of a data folder: an exclusive transaction on a tiny database, which the kernel ends
 * with the process however that dies. Taken by somebody else: throws INSTANCE_LOCKED, or is undefined when not required.
 */
export function lockInstance (file: string, { required }: { required: boolean }): InstanceLock | undefined {
  const connection = new Sqlite(file, { timeout: required ? COMMAND_MS : 0 })
  try {
    connection.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    connection.close()
    if (!String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) throw error
    if (!required) return undefined
    throw new FolderError('INSTANCE_LOCKED', 'another server is running on this data folder')
  }
  return { release () { connection.close() } }
}

/** Whether somebody holds that right. */
export function isLocked (file: string): boolean {
  const lock = lockInstance(file, { required: false })
  lock?.release()
  return lock === undefined
}
