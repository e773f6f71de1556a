import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { BitSet } from './bit-set.ts'
import { fileName, type ImageKind } from './formats.ts'
import type { Log } from './staging.ts'
import type { PictureFile, Store, Stored } from './store/index.ts'
import { removeFile } from './store/removal.ts'

/** Page size, for the store and for the rows. */
const AT_ONCE = 1_000
/** How many names go into one log line. */
const TOLD = 10

/** Empties staging: at boot nobody is left who could want what lies there. */
export async function sweepStaging (staging: string): Promise<void> {
  for (const entry of await readdir(staging)) await rm(join(staging, entry), { recursive: true, force: true })
}

/** What the database knows of published pictures. Rows have numbers. Each answer holds for the moment of the question. */
export interface Rows {
  /** Which of these names a row has, with the number of the row. */
  named (kind: ImageKind, names: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** The next page of names in order, after this one; empty after the last. */
  after (kind: ImageKind, name: string, most: number): Promise<readonly { name: string, number: number }[]>
}

interface Sweep {
  kind: ImageKind
  store: Store
  /** Only files older than this may go: the row of a younger one may be on its way. */
  before: number
  /** Names published meanwhile, which are safe even when the clock was set back. */
  fresh: ReadonlySet<string>
  rows: Rows
  /** The rows whose main file was in the store. Nearly all are, so only the others are looked up one by one. */
  seen: BitSet
  log: Log
}

/** Rows whose main file is missing: how many, and the names of the first. */
export interface Missing { count: number, first: string[] }

/** Removes the files of one kind that belong to no row, and notes in `seen` which rows have a main file. Resolves to how many it removed. */
export async function removeOrphans ({ kind, store, before, fresh, rows, seen, log }: Sweep): Promise<number> {
  const foreign: string[] = []
  let removed = 0

  async function judge (files: readonly PictureFile[]): Promise<void> {
    const named = await rows.named(kind, [...new Set(files.map(({ name }) => name))])
    for (const file of files) {
      const number = named.get(file.name)
      if (number !== undefined && file.size === 'main') seen.add(number)
      // No name is used twice: a file that is older than this process and has no row now will never have one.
      const isKept = number !== undefined || fresh.has(file.name) || !await check(store, file, log, (found) => found !== undefined && found.writtenAt < before)
      if (!isKept && await removeFile(store, file, log)) removed++
    }
  }

  for await (const page of store.list(kind, { most: AT_ONCE })) {
    await judge(page.flatMap(({ file, name, size }) => {
      if (name !== undefined && size !== undefined) return [{ kind, name, size }]
      if (foreign.length < TOLD) foreign.push(file)
      return []
    }))
  }
  if (foreign.length > 0) log.warn({ kind, foreign: foreign.sort() }, 'the media folder holds what was not published')
  return removed
}

/** Finds the rows of one kind that have no main file. */
export async function findMissing ({ kind, store, rows, seen, log }: Sweep): Promise<Missing> {
  const missing: Missing = { count: 0, first: [] }
  let last: string | undefined = ''
  while (last !== undefined) {
    const page: Awaited<ReturnType<Rows['after']>> = await rows.after(kind, last, AT_ONCE)
    const gone: string[] = []
    for (const { name, number } of page) {
      if (!seen.has(number) && await check(store, { kind, name, size: 'main' }, log, (found) => found === undefined)) gone.push(name)
    }
    // Asked again: the picture may have been replaced, and its file removed, after the row was read.
    const named = gone.length === 0 ? new Map() : await rows.named(kind, gone)
    const still = gone.filter((name) => named.has(name))
    missing.count += still.length
    missing.first.push(...still.slice(0, TOLD - missing.first.length))
    last = page.at(-1)?.name
    await nextTurn()
  }
  return missing
}

/** Asks something about a file. If the store fails, that is logged and the answer is no, so that one file does not stop the sweep. */
async function check (store: Store, file: PictureFile, log: Log, question: (found: Stored | undefined) => boolean): Promise<boolean> {
  try {
    return question(await store.stat(file))
  } catch (error) {
    log.warn({ err: error, kind: file.kind, file: fileName(file.name, file.size) }, 'a file could not be looked at')
    return false
  }
}
