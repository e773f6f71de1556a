import { opendir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { drop, stat, type Folders, type Log } from './folders.ts'
import { fileName, type ImageKind } from './formats.ts'

// A variant belongs to the picture whose name it begins with.
export const PUBLISHED = /^([0-9a-f]{32})(?:-(\d+))?\.webp$/

const ENTRIES_AT_ONCE = 1_000
const FOREIGN_TOLD = 10

/** Empties staging: at boot nobody is left who could want what lies there. */
export async function sweepStaging ({ staging }: Folders): Promise<void> {
  for (const entry of await readdir(staging)) await rm(join(staging, entry), { recursive: true, force: true })
}

interface Sweep {
  kind: ImageKind
  folders: Folders
  /** Only files older than this may go: the row of a younger one may be on its way, or have come after the rows were read. */
  before: number
  /** Names published meanwhile, which are safe even when the clock was set back. */
  fresh: ReadonlySet<string>
  referenced (kind: ImageKind): Promise<Set<string>>
  log: Log
}

/** Removes the pictures of one kind that no row names, and tells which names of rows have no picture. */
export async function sweepOrphans (
  { kind, folders, before, fresh, referenced, log }: Sweep
): Promise<{ removed: number, missing: string[] }> {
  const folder = folders.published[kind]
  const rows = await referenced(kind)
  const absent = new Set(rows)
  const foreign: string[] = []
  let removed = 0
  // Piece by piece: there may be millions, and nobody is to wait for all of them, nor the memory to hold them.
  for await (const entry of await opendir(folder, { bufferSize: ENTRIES_AT_ONCE })) {
    const name = PUBLISHED.exec(entry.name)?.[1]
    if (name === undefined || !entry.isFile()) {
      if (foreign.length < FOREIGN_TOLD) foreign.push(entry.name)
      continue
    }
    if (entry.name === fileName(name, 'main')) absent.delete(name)
    const file = join(folder, entry.name)
    if (rows.has(name) || fresh.has(name) || !await isOlder(file, before)) continue
    if (await drop(file, log)) removed++
  }
  if (foreign.length > 0) log.warn({ folder, foreign: foreign.sort() }, 'the media folder holds what was not published')
  return { removed, missing: await missing([...absent], folder, () => referenced(kind)) }
}

/** Asks twice: a name may have been published after its folder was read, or replaced after the rows were. */
async function missing (names: string[], folder: string, referenced: () => Promise<Set<string>>): Promise<string[]> {
  const gone: string[] = []
  for (const name of names) if (!await stat(join(folder, `${name}.webp`))) gone.push(name)
  if (gone.length === 0) return gone
  const rows = await referenced()
  return gone.filter((name) => rows.has(name))
}

async function isOlder (file: string, before: number): Promise<boolean> {
  const found = await stat(file)
  return found !== undefined && found.mtimeMs < before
}
