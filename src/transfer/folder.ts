import { constants, createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { syncFolder, troubleOf } from '../disk.ts'

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
export async function * readLines (file: string): AsyncIterable<{ id: number }> {
  let number = 0
  for await (const line of linesIn(file)) {
    number++
    let row: unknown
    try {
      row = JSON.parse(line)
    } catch {
      throw new TransferError(`${file}:${number} is no JSON`)
    }
    if (typeof row !== 'object' || row === null || !('id' in row) || !Number.isSafeInteger(row.id) || Number(row.id) < 1) throw new TransferError(`${file}:${number} is no row`)
    yield row as { id: number }
  }
}

/** Longer than any row: whatever is longer is no export, and would fill the memory. */
const LINE_MAX_BYTES = 16 * 1_024 ** 2
const NEWLINE = 10

async function * linesIn (file: string): AsyncIterable<string> {
  // Replaced letters would be a loss that nobody is told of.
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let [number, pending, size] = [1, [] as Buffer[], 0]
  const lineOf = (): string => {
    try {
      return decoder.decode(Buffer.concat(pending))
    } catch {
      throw new TransferError(`${file}:${number} is no UTF-8`)
    }
  }
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      pending.push(chunk.subarray(start, end))
      yield lineOf()
      ;[number, pending, size, start] = [number + 1, [], 0, end + 1]
    }
    pending.push(chunk.subarray(start))
    size += chunk.length - start
    if (size > LINE_MAX_BYTES) throw new TransferError(`${file}:${number} is longer than any row`)
  }
  if (size > 0) yield lineOf()
}

/** The bytes of a file; undefined where it is none, but a link, a pipe or a device, or larger. Throws ENOENT. */
export async function plainFile (file: string, most: number): Promise<Buffer | undefined> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return undefined
    throw error
  })
  try {
    const found = await handle?.stat()
    return handle !== undefined && found?.isFile() && found.size <= most ? await handle.readFile() : undefined
  } finally {
    await handle?.close()
  }
}
