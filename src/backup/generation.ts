import { createHash } from 'node:crypto'
import { createReadStream, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { syncFolder } from '../disk.ts'
import { generationsIn, generationsOf } from './layout.ts'
import { readManifest, readPictures } from './manifest.ts'
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

/** Keeps the newest so many generations, and of the pool what they need. Resolves to what is gone. */
export async function keepNewest (dir: string, most: number, pool: Pool): Promise<{ generations: string[], files: number, bytes: number }> {
  const all = generationsIn(dir)
  const gone = all.slice(0, Math.max(0, all.length - most))
  for (const name of gone) {
    // A crash leaves it either whole or out of the way.
    renameSync(join(generationsOf(dir), name), join(generationsOf(dir), `${name}.gone`))
    rmSync(join(generationsOf(dir), `${name}.gone`), { recursive: true })
  }
  await syncFolder(generationsOf(dir))
  // Also what an earlier run did not come to. A manifest that is damaged might need anything: then nothing goes.
  const needed = new Set(generationsIn(dir).flatMap((name) => [...readPictures(dir, name, readManifest(dir, name)).values()]))
  return { generations: gone, ...pool.sweep(needed) }
}
