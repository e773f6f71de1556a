import { closeSync, constants, fstatSync, openSync, readFileSync, statfsSync } from 'node:fs'
import type { Dirent } from 'node:fs'
import { lstat, open, opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Makes the names in a folder durable: without it a renamed file can be gone after a power cut. */
export async function syncFolder (folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Writes a file of its owner's and makes its bytes durable. */
export async function writeDurably (file: string, bytes: string | Uint8Array): Promise<void> {
  const handle = await open(file, 'w', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The bytes of a file; throws when it is a link, a pipe or whatever else can stand where a file should. */
export function readPlain (file: string): Buffer {
  const handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    if (!fstatSync(handle).isFile()) throw Object.assign(new Error('it is no plain file'), { code: 'EINVAL' })
    return readFileSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** The entries of a folder, a page at a time: a folder may hold millions, which would fill the memory and block the event loop. */
export async function * entriesOf (folder: string, most: number): AsyncGenerator<Dirent[]> {
  let page: Dirent[] = []
  for await (const entry of await opendir(folder, { bufferSize: most })) {
    page.push(entry)
    if (page.length < most) continue
    yield page
    page = []
  }
  yield page
}

/** Throws where a folder is a link, or on another disk than the one that it lies in. */
export async function refuseMount (folder: string, root: string): Promise<void> {
  const [found, { dev }] = await Promise.all([lstat(folder), stat(root)])
  if (!found.isDirectory() || found.dev !== dev) throw new Error(`${folder} must be a plain folder on the same disk as ${root}, not a link or a mount`)
}

/** How many files are looked at one after the other, which leaves threads of the pool to others. */
const AT_ONCE = 64

/** The bytes of what lies in a folder. What goes meanwhile counts nothing. */
export async function bytesIn (folder: string): Promise<number> {
  let bytes = 0
  for await (const page of entriesOf(folder, AT_ONCE)) {
    for (const { name } of page) bytes += (await lstat(join(folder, name)).catch(() => undefined))?.size ?? 0
  }
  return bytes
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'DATABASE_FULL'])
const UNUSABLE = new Set(['EROFS', 'EACCES', 'EPERM', 'EEXIST', 'ENOTDIR', 'EISDIR', 'ENOTEMPTY', 'ENAMETOOLONG', 'ELOOP', 'EIO', 'ENOENT', 'EMFILE', 'EBUSY'])
const CROWDED_BYTES = 1_024 ** 2

/** SQLite does not tell a full disk from a broken one where it shares memory by a file. */
function isCrowded (folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize < CROWDED_BYTES
  } catch {
    return false
  }
}

/** Whether work in a folder failed because its disk is full. To be asked before anything is removed, which makes room. */
export function isFull (folder: string, error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { code?: unknown, cause?: unknown }
  if (FULL.has(String(code)) || (/^(?:SQLITE_IOERR|DATABASE_UNCERTAIN)/.test(String(code)) && isCrowded(folder))) return true
  return cause instanceof Error && isFull(folder, cause)
}

/** What is said where the database of a folder is no database, or no whole one; undefined for an error that is no such thing. */
export function breakageOf (folder: string, error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if (!/^SQLITE_(?:NOTADB|CORRUPT)/.test(String((error as { code?: unknown }).code))) return breakageOf(folder, error.cause)
  return `the database in ${folder} is broken (${error.message}): restore puts a backup in its place`
}

/** What an operator can mend about the disk of a folder, in one sentence; undefined for an error that is no such thing. */
export function troubleOf (folder: string, error: unknown): string | undefined {
  const { code, message } = error as { code?: unknown, message: string }
  if (isFull(folder, error)) return `there is no room for it on the disk of ${folder}; nothing half was left`
  return UNUSABLE.has(String(code)) || /^(?:SQLITE|DATABASE)_/.test(String(code)) ? `${folder}: ${message}` : undefined
}
