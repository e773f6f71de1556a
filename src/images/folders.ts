import { randomBytes } from 'node:crypto'
import type { Stats } from 'node:fs'
import { chmod, lstat, mkdir, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { entriesOf, syncFolder } from '../disk.ts'
import type { ImageKind } from './formats.ts'

/** The part of a logger that is used here. */
export interface Log {
  warn (about: object, message: string): void
}

export interface Folders {
  staging: string
  published: Record<ImageKind, string>
}

/** Where published pictures lie in a data folder. */
export const mediaOf = (root: string): Folders['published'] => ({ avatar: join(root, 'media', 'avatars'), cover: join(root, 'media', 'covers') })

/** Whether anything was ever published here that is still there. Makes nothing. */
export async function holdsPictures (dataDir: string): Promise<boolean> {
  for (const folder of Object.values(mediaOf(resolve(dataDir)))) {
    if (await stat(folder) === undefined) continue
    for await (const page of entriesOf(folder, 1)) if (page.length > 0) return true
  }
  return false
}

/** Makes the folders where they are missing, durably, and refuses those that renaming could not work between. */
export async function openFolders (dataDir: string): Promise<Folders> {
  const root = resolve(dataDir)
  const media = join(root, 'media')
  const folders = { staging: join(root, 'staging'), published: mediaOf(root) }
  const all = [folders.staging, media, ...Object.values(folders.published)]
  const first = await mkdir(root, { recursive: true })
  for (const folder of all) await mkdir(folder, { recursive: true })
  const { dev } = await lstat(folders.staging)
  for (const folder of all) {
    const found = await lstat(folder)
    if (!found.isDirectory() || found.dev !== dev) {
      throw new Error(`${folder} must be a plain folder on the same disk as ${folders.staging}, not a link or a mount`)
    }
  }
  await chmod(folders.staging, 0o700)
  await syncFolder(media)
  await syncFolder(root)
  if (first !== undefined) {
    for (let made = root; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
  }
  return folders
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

/** What lies there, a link as a link; undefined when nothing does. */
export async function stat (file: string): Promise<Stats | undefined> {
  try {
    return await lstat(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
