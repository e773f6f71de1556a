import { createHash } from 'node:crypto'
import { createReadStream, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { picturesIn } from '../db/sqlite/copies.ts'
import { FolderError } from '../db/errors.ts'
import { syncFolder } from '../disk.ts'
import { DATABASE, databaseIn, generationsIn, generationsOf } from './layout.ts'
import { readManifest, readPictures } from './manifest.ts'
import type { Listed, Manifest } from './manifest.ts'
import { filesOf } from './pictures.ts'
import type { Pool } from './pool.ts'

const UNFINISHED = /\.(?:new|gone)$/

/** SHA-256 of a file of any size. */
export async function hashOf (file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/** Removes what a crash has left of generations that were being made or removed. */
export function clearUnfinished (dir: string): void {
  for (const name of readdirSync(generationsOf(dir))) if (UNFINISHED.test(name)) rmSync(join(generationsOf(dir), name), { recursive: true, force: true })
}

/** By which hash the pool has a file of a generation, by its place below `media/`; undefined for one that was missing then already. */
export function hashesOf ({ missing }: Manifest, odd: Listed): (path: string, noted?: string) => string | undefined {
  const gone = new Set(missing)
  return (path, noted) => odd.get(path) ?? (gone.has(path) ? undefined : noted)
}

/** Every file of a generation, by its place below `media/`. Its database has to be whole. */
export function filesIn (dir: string, generation: string, manifest: Manifest, odd: Listed): Listed {
  const hashOfFile = hashesOf(manifest, odd)
  const files: Listed = new Map(odd)
  for (const picture of picturesIn(databaseIn(dir, generation))) {
    for (const { path, noted } of filesOf(picture)) {
      const hash = hashOfFile(path, noted)
      if (hash !== undefined) files.set(path, hash)
    }
  }
  return files
}

/** Keeps the newest so many generations, and of the pool what they need. Resolves to what is gone. Throws BACKUP_DAMAGED, and then the pool has lost nothing. */
export async function keepNewest (dir: string, most: number, pool: Pool): Promise<string[]> {
  const all = generationsIn(dir)
  const gone = all.slice(0, Math.max(0, all.length - most))
  for (const name of gone) {
    // A crash leaves it either whole or out of the way.
    renameSync(join(generationsOf(dir), name), join(generationsOf(dir), `${name}.gone`))
    rmSync(join(generationsOf(dir), `${name}.gone`), { recursive: true })
  }
  await syncFolder(generationsOf(dir))
  pool.remove(unneeded(dir, generationsIn(dir), pool))
  return gone
}

/** What none of the generations needs, also what an earlier run did not come to. A manifest that is damaged might need anything. */
function unneeded (dir: string, generations: readonly string[], pool: Pool): Set<string> {
  const rest = new Set(pool.hashes())
  const newest = generations.at(-1)
  for (const name of generations) {
    for (const hash of readPictures(dir, name, readManifest(dir, name)).values()) rest.delete(hash)
    // Nearly all are those of the newest. What was missing in one of them may have been there in another.
    const pictures = readable(name, () => picturesIn(databaseIn(dir, name), name === newest || newest === undefined ? undefined : databaseIn(dir, newest)))
    for (const { noted } of pictures.flatMap(filesOf)) if (noted !== undefined) rest.delete(noted)
  }
  return rest
}

function readable<T> (generation: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!String((error as { code?: unknown }).code).startsWith('SQLITE_')) throw error
    throw new FolderError('BACKUP_DAMAGED', `generations/${generation}/${DATABASE} cannot be read (${(error as Error).message})`, { cause: error })
  }
}
