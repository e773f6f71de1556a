import { randomBytes } from 'node:crypto'
import { chmod, mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { refuseMount } from '../disk.ts'

/** The part of a logger that is used here. */
export interface Log {
  warn (about: object, message: string): void
}

/** Makes the folder of what is not published yet, which is on the same disk as the data folder. */
export async function openStaging (dataDir: string): Promise<string> {
  const root = resolve(dataDir)
  const staging = join(root, 'staging')
  await mkdir(staging, { recursive: true })
  await refuseMount(staging, root)
  await chmod(staging, 0o700)
  return staging
}

/** Random and new for every upload, so that a URL never changes its picture and a name tells nothing. */
export function newName (): string {
  return randomBytes(16).toString('hex')
}

/** Removes a file that nobody needs any more; false when that failed, which is the next sweep's business. */
export async function drop (file: string, log: Log): Promise<boolean> {
  try {
    await rm(file, { force: true })
    return true
  } catch (error) {
    log.warn({ err: error, file }, 'a file could not be removed')
    return false
  }
}
