import { closeSync, copyFileSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { readPlain, syncFolder } from '../disk.ts'
import { poolOf } from './layout.ts'
import { isHash, sha256 } from './manifest.ts'

/** Why a file cannot be linked, although it can be copied: another disk, too many links, or a file system without any. */
const UNLINKED = new Set(['EXDEV', 'EMLINK', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP'])
const DRAFTS = 'new'
const SHELF = /^[0-9a-f]$/

/** Few, because each that something was put on is synced. */
const shelfOf = (hash: string): string => hash.slice(0, 1)
/** Where the pool has a file, as it is told. */
export const placeOf = (hash: string): string => `pool/${shelfOf(hash)}/${hash}`

/** Takes a file along under another name: linked where that goes, copied where not. Tells which. Throws ENOENT. */
export function linkOrCopy (from: string, to: string): 'linked' | 'copied' {
  try {
    linkSync(from, to)
    return 'linked'
  } catch (error) {
    if (!UNLINKED.has(String((error as NodeJS.ErrnoException).code))) throw error
    copyFileSync(from, to)
    return 'copied'
  }
}

/** Whether a file is what it is called by. What is a link could become another file later. */
export function isWhole (file: string, hash: string): boolean {
  try {
    return sha256(readPlain(file)) === hash
  } catch (error) {
    if (['ELOOP', 'EINVAL', 'EIO'].includes(String((error as NodeJS.ErrnoException).code))) return false
    throw error
  }
}

export function syncFile (file: string): void {
  const handle = openSync(file, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** The pictures of all generations, each once, by their hash. */
export function openPool (dir: string) {
  const root = poolOf(dir)
  const drafts = join(root, DRAFTS)
  const at = (hash: string): string => join(root, shelfOf(hash), hash)
  const shelves = new Set(readdirSync(root).filter((name) => SHELF.test(name)))
  const touched = new Set<string>()
  const copies = new Set<string>()
  const added = new Set<string>()
  const folders = (): string[] => [root, ...[...shelves].map((shelf) => join(root, shelf))]

  return {
    at,
    has: (hash: string): boolean => existsSync(at(hash)),
    hashes: (): string[] => [...shelves].flatMap((shelf) => readdirSync(join(root, shelf)).filter(isHash)).sort(),

    /** Whether no file has come or gone since it was left at that time: each would have changed the time of a folder. */
    isAsLeft: (time: Date): boolean => folders().every((folder) => Math.round(statSync(folder).mtimeMs) === time.getTime()),

    /** To be called last. Where times cannot be set, the next backup looks at everything. */
    leave (time: Date): void {
      try {
        for (const folder of folders()) utimesSync(folder, time, time)
      } catch {
        // A folder of somebody else, or a file system without.
      }
    },

    /** Begins with no drafts, whatever a crash has left. */
    clear (): void {
      rmSync(drafts, { recursive: true, force: true })
      mkdirSync(drafts, { mode: 0o700 })
    },

    /** Makes sure that the file will not go, before anybody looks at it. False when it is gone already. */
    secure (from: string, draft: string): boolean {
      try {
        if (linkOrCopy(from, join(drafts, draft)) === 'copied') copies.add(draft)
        return true
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === 'EEXIST') return true
        if (code === 'ENOENT') return false
        throw error
      }
    },

    /** Puts what was secured where it belongs. Returns its hash, by what it is. */
    settle (draft: string): { hash: string, bytes: number, isNew: boolean } {
      const file = join(drafts, draft)
      const content = readFileSync(file)
      const hash = sha256(content)
      const shelf = shelfOf(hash)
      if (!shelves.has(shelf)) mkdirSync(join(root, shelf), { recursive: true, mode: 0o700 })
      shelves.add(shelf)
      const isNew = !existsSync(at(hash))
      if (copies.delete(draft)) syncFile(file)
      if (isNew) {
        renameSync(file, at(hash))
        added.add(hash)
      } else rmSync(file, { force: true })
      touched.add(shelf)
      return { hash, bytes: content.length, isNew }
    },

    /** Makes durable what was put there. */
    async sync (): Promise<void> {
      for (const shelf of touched) await syncFolder(join(root, shelf))
      touched.clear()
      rmSync(drafts, { recursive: true, force: true })
      await syncFolder(root)
    },

    /** Removes what was put there since it was opened. */
    undo (): void {
      rmSync(drafts, { recursive: true, force: true })
      for (const hash of added) rmSync(at(hash), { force: true })
    },

    /** Removes some. Returns how many files and bytes that were. */
    remove (hashes: Iterable<string>): { files: number, bytes: number } {
      const removed = { files: 0, bytes: 0 }
      for (const hash of hashes) {
        removed.files++
        removed.bytes += statSync(at(hash)).size
        rmSync(at(hash))
      }
      return removed
    },
  }
}

export type Pool = ReturnType<typeof openPool>
