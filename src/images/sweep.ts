import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { drop, type Folders, type Log } from './folders.ts'
import type { ImageKind } from './formats.ts'

// A variant belongs to the picture whose name it begins with.
export const PUBLISHED = /^([0-9a-f]{32})(?:-(\d+))?\.webp$/

/** Empties staging: at boot nobody is left who could want what lies there. */
export async function sweepStaging ({ staging }: Folders): Promise<void> {
  for (const entry of await readdir(staging)) await rm(join(staging, entry), { recursive: true, force: true })
}

interface Sweep {
  kind: ImageKind
  folders: Folders
  /** Only files older than this may go: the row of a younger one may be on its way. */
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
  // The files first: a picture that is published between the two readings is then not looked at.
  const entries = await readdir(folder, { withFileTypes: true })
  const rows = await referenced(kind)
  const present = new Set<string>()
  const foreign: string[] = []
  let removed = 0
  for (const entry of entries) {
    const name = PUBLISHED.exec(entry.name)?.[1]
    if (name === undefined || !entry.isFile()) {
      foreign.push(entry.name)
      continue
    }
    if (entry.name === `${name}.webp`) present.add(name)
    const file = join(folder, entry.name)
    if (rows.has(name) || fresh.has(name) || !await isOlder(file, before)) continue
    if (await drop(file, log)) removed++
  }
  if (foreign.length > 0) log.warn({ folder, foreign: foreign.slice(0, 10) }, 'the media folder holds what was not published')
  return { removed, missing: await missing([...rows].filter((name) => !present.has(name)), folder, () => referenced(kind)) }
}

/** Asks twice: a name may have been published after the files were read, or replaced after the rows were. */
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

async function stat (file: string): Promise<{ mtimeMs: number } | undefined> {
  try {
    return await lstat(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
