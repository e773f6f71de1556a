import type { Stats } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { entriesOf } from '../disk.ts'
import { drop, stat, type Folders, type Log } from './folders.ts'
import { fileName, type ImageKind } from './formats.ts'
import type { Numbers } from './numbers.ts'

// A variant belongs to the picture whose name it begins with.
export const PUBLISHED = /^([0-9a-f]{32})(?:-(\d+))?\.webp$/

/** Of files, and of names of rows. */
const AT_ONCE = 1_000
/** How many of a kind of trouble are told by name. */
const TOLD = 10

/** Empties staging: at boot nobody is left who could want what lies there. */
export async function sweepStaging ({ staging }: Folders): Promise<void> {
  for (const entry of await readdir(staging)) await rm(join(staging, entry), { recursive: true, force: true })
}

/** What rows say of pictures, which have numbers there; each answer is true of the moment in which it was asked. */
export interface Rows {
  /** Those of these names that a row has, with its number. */
  named (kind: ImageKind, names: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** The first names that rows have after this one, in order, with their numbers; none after the last. */
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
  /** The rows whose main file was seen in the folder: not one in ten thousand has none, so they are not looked for one by one. */
  seen: Numbers
  log: Log
}

/** Names of rows that have no picture: how many, and the first of them. */
export interface Missing { count: number, first: string[] }

/** Removes the files of one kind that belong to no row. Resolves to how many. */
export async function removeOrphans ({ kind, folders, before, fresh, rows, seen, log }: Sweep): Promise<number> {
  const folder = folders.published[kind]
  const foreign: string[] = []
  let removed = 0

  async function judge (files: readonly { file: string, name: string }[]): Promise<void> {
    const named = await rows.named(kind, [...new Set(files.map(({ name }) => name))])
    for (const { file, name } of files) {
      const number = named.get(name)
      if (number !== undefined && file === fileName(name, 'main')) seen.add(number)
      // A name is given once: whatever is older than this process and has no row by now will have none later.
      const isKept = number !== undefined || fresh.has(name) || !await does(join(folder, file), log, (found) => found !== undefined && found.mtimeMs < before)
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

/** Looks for the main file of every row of one kind that was not seen in the folder. */
export async function findMissing ({ kind, folders, rows, seen, log }: Sweep): Promise<Missing> {
  const missing: Missing = { count: 0, first: [] }
  let last: string | undefined = ''
  while (last !== undefined) {
    const page: Awaited<ReturnType<Rows['after']>> = await rows.after(kind, last, AT_ONCE)
    const gone: string[] = []
    for (const { name, number } of page) {
      if (!seen.has(number) && await does(join(folders.published[kind], fileName(name, 'main')), log, (found) => found === undefined)) gone.push(name)
    }
    // Asked twice: a picture may have been replaced, and its file removed, after its row was read.
    const named = gone.length === 0 ? new Map() : await rows.named(kind, gone)
    const still = gone.filter((name) => named.has(name))
    missing.count += still.length
    missing.first.push(...still.slice(0, TOLD - missing.first.length))
    last = page.at(-1)?.name
    await nextTurn()
  }
  return missing
}

/** Whether a file answers to the question. One that the disk cannot tell anything of does not; that is told, and the others have their turn. */
async function does (file: string, log: Log, question: (found: Stats | undefined) => boolean): Promise<boolean> {
  try {
    return question(await stat(file))
  } catch (error) {
    log.warn({ err: error, file }, 'a file could not be looked at')
    return false
  }
}
