import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { syncFolder, troubleOf, writeDurably } from '../disk.ts'

/** What is wrong with a folder, in a sentence for whoever named it. */
export class TransferError extends Error {
  override readonly name = 'TransferError'
}

/** What was begun and not finished lies beside the folder under this name, and is removed by the next attempt. */
const unfinished = (folder: string) => `${resolve(folder)}.unfinished`

/** Whether there is nothing at a path, or an empty folder. */
async function isFree (folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length === 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
    throw error
  }
}

/** Fills a folder that is new or empty: it has everything that `fill` puts into it or, whatever happens meanwhile, nothing. Throws a TransferError when there is something in it. */
export async function wholly<T> (folder: string, fill: (draft: string) => Promise<T>): Promise<T> {
  const draft = unfinished(folder)
  try {
    if (!await isFree(folder)) throw new TransferError(`${folder} is not empty`)
    await rm(draft, { recursive: true, force: true })
    await mkdir(draft, { recursive: true, mode: 0o700 })
    const done = await fill(draft)
    await rmdir(folder).catch((error: unknown) => { if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error })
    await rename(draft, folder)
    await syncFolder(dirname(resolve(folder)))
    return done
  } catch (error) {
    const trouble = error instanceof TransferError ? undefined : troubleOf(dirname(draft), error)
    await rm(draft, { recursive: true, force: true })
    throw trouble === undefined ? error : new TransferError(trouble, { cause: error })
  }
}

/** Writes one JSON object a line, durably. Resolves to how many. */
export async function writeLines (file: string, rows: AsyncIterable<object>): Promise<number> {
  const handle = await open(file, 'wx', 0o600)
  let count = 0
  try {
    for await (const row of rows) {
      await handle.write(`${JSON.stringify(row)}\n`)
      count++
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
  return count
}

/** Reads them. Throws a TransferError that names the line where one is none. */
export async function * readLines (file: string): AsyncIterable<{ id: unknown }> {
  let number = 0
  for await (const line of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })) {
    number++
    let row: unknown
    try {
      row = JSON.parse(line)
    } catch {
      throw new TransferError(`${file}:${number} is no JSON`)
    }
    if (typeof row !== 'object' || row === null || !('id' in row)) throw new TransferError(`${file}:${number} is no row`)
    yield row
  }
}

/** Copies a file durably. False when it is not there or its bytes are not those that were noted. */
export async function copyNoted (from: string, to: string, sha256: string): Promise<boolean> {
  try {
    // A picture is small, and what is hashed has to be what is written.
    const bytes = await readFile(from)
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) return false
    await writeDurably(to, bytes)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/** The folders of pictures below one, made. */
export async function makeFolders (root: string, names: readonly string[]): Promise<void> {
  for (const name of names) await mkdir(join(root, name), { recursive: true, mode: 0o700 })
}
