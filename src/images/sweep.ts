import type { Stats } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { entriesOf } from '../disk.ts'
import type { BitSet } from './bit-set.ts'
import { drop, stat, type Folders, type Log } from './folders.ts'
import { fileName, type ImageKind } from './formats.ts'

// A variant belongs to the picture whose name it begins with.
export const PUBLISHED = /^([0-9a-f]{32})(?:-(\d+))?\.webp$/

/** Page size, for the folder and for the rows. */
const AT_ONCE = 1_000
/** How many names go into one log line. */
const TOLD = 10

/** Empties staging: at boot nobody is left who could want what lies there. */
export async function sweepStaging ({ staging }: Folders): Promise<void> {
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
  folders: Folders
  /** Only files older than this may go: the row of a younger one may be on its way. */
  before: number
  /** Names published meanwhile, which are safe even when the clock was set back. */
  fresh: ReadonlySet<string>
  rows: Rows
  /** The rows whose main file was in the folder. Nearly all are, so only the others are looked up one by one. */
  seen: BitSet
  log: Log
}

/** Rows whose main file is missing: how many, and the names of the first. */
export interface Missing { count: number, first: string[] }

/** Removes the files of one kind that belong to no row, and notes in `seen` which rows have a main file. Resolves to how many it removed. */
export async function removeOrphans ({ kind, folders, before, fresh, rows, seen, log }: Sweep): Promise<number> {
  const folder = folders.published[kind]
  const foreign: string[] = []
  let removed = 0

  async function judge (files: readonly { file: string, name: string }[]): Promise<void> {
    const named = await rows.named(kind, [...new Set(files.map(({ name }) => name))])
    for (const { file, name } of files) {
      const number = named.get(name)
      if (number !== undefined && file === fileName(name, 'main')) seen.add(number)
      // No name is used twice: a file that is older than this process and has no row now will never have one.
      const isKept = number !== undefined || fresh.has(name) || !await check(join(folder, file), log, (found) => found !== undefined && found.mtimeMs < before)
      if (!isKept && await drop(join(folder, file), log)) removed++
    }
  }

  for await (const page of entriesOf(folder, AT_ONCE)) {
    const ours = page.flatMap((entry) => {
      const name = PUBLISHED.exec(entry.name)?.[1]
      if (name !== undefined && entry.isFile()) return [{ file: entry.name, name }]
      if (foreign.length < TOLD) foreign.push(entry.name)
      return []
    })
    await judge(ours)
  }
  if (foreign.length > 0) log.warn({ folder, foreign: foreign.sort() }, 'the media folder holds what was not published')
  return removed
}

/** Finds the rows of one kind that have no main file. */
export async function findMissing ({ kind, folders, rows, seen, log }: Sweep): Promise<Missing> {
  const missing: Missing = { count: 0, first: [] }
  let last: string | undefined = ''
  while (last !== undefined) {
    const page: Awaited<ReturnType<Rows['after']>> = await rows.after(kind, last, AT_ONCE)
    const gone: string[] = []
    for (const { name, number } of page) {
      if (!seen.has(number) && await check(join(folders.published[kind], fileName(name, 'main')), log, (found) => found === undefined)) gone.push(name)
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

/** Asks something about a file. If the disk fails, that is logged and the answer is no, so that one file does not stop the sweep. */
async function check (file: string, log: Log, question: (found: Stats | undefined) => boolean): Promise<boolean> {
  try {
    return question(await stat(file))
  } catch (error) {
    log.warn({ err: error, file }, 'a file could not be looked at')
    return false
  }
}
