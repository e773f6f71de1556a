import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { FolderError } from '../db/errors.ts'
import { filesIn, hashOf } from './generation.ts'
import { DATABASE, generationsIn, generationsOf, MANIFEST, MANIFEST_HASH, PICTURES, SECRETS } from './layout.ts'
import { readManifest, readPictures } from './manifest.ts'
import { isWhole, openPool, placeOf } from './pool.ts'
import { inSteps } from './progress.ts'
import type { OnProgress } from './progress.ts'
import { readTombstones } from './tombstones.ts'

export interface Verified { generations: number, files: number, wrong: string[] }

/** Reads everything in a folder of backups to its end. `wrong` names what is not what was written, below that folder. */
export async function verify (dir: string, onProgress: OnProgress = () => {}): Promise<Verified> {
  const generations = generationsIn(dir)
  if (generations.length === 0) throw new FolderError('NO_BACKUP', `${dir} holds no backup`)
  const wrong = wrongTombstones(dir, generations)
  const pool = openPool(dir)
  const hashes = pool.hashes()
  await inSteps('hashes', hashes, onProgress, (hash) => {
    try {
      if (!isWhole(pool.at(hash), hash)) wrong.push(`${placeOf(hash)}: damaged`)
    } catch (error) {
      // A backup that is made meanwhile may have removed it, with all that need it.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  })
  const pooled = new Set(hashes)
  for (const name of generations) {
    const found = await wrongIn(dir, name, pooled)
    if (existsSync(join(generationsOf(dir), name))) wrong.push(...found)
  }
  return { generations: generations.length, files: hashes.length, wrong }
}

/** What is wrong with one generation, but for the content of the pool. */
async function wrongIn (dir: string, generation: string, pooled: ReadonlySet<string>): Promise<string[]> {
  const folder = join(generationsOf(dir), generation)
  const place = `generations/${generation}`
  let manifest, odd
  try {
    manifest = readManifest(dir, generation)
    odd = readPictures(dir, generation, manifest)
  } catch (error) {
    if (error instanceof FolderError) return [error.message]
    throw error
  }
  const wrong: string[] = []
  const hashed: [file: string, hash: string][] = [[DATABASE, manifest.database], ...Object.entries(manifest.secrets).map(([name, hash]): [string, string] => [`${SECRETS}/${name}`, hash])]
  for (const [file, hash] of hashed) {
    if (!existsSync(join(folder, file))) wrong.push(`${place}/${file}: missing`)
    else if (await hashOf(join(folder, file)).catch(() => '') !== hash) wrong.push(`${place}/${file}: damaged`)
  }
  try {
    // A database that is not what was written says nothing.
    const files = wrong.some((line) => line.startsWith(`${place}/${DATABASE}: `)) ? odd : filesIn(dir, generation, manifest, odd)
    for (const [path, hash] of files) if (!pooled.has(hash)) wrong.push(`${placeOf(hash)}: missing, it is media/${path} of ${generation}`)
  } catch (error) {
    if (!(error instanceof FolderError)) throw error
    wrong.push(`${place}: ${error.message}`)
  }
  const known = new Set([DATABASE, MANIFEST, MANIFEST_HASH, PICTURES, SECRETS])
  if (existsSync(folder)) for (const name of readdirSync(folder)) if (!known.has(name)) wrong.push(`${place}/${name}: not of this backup`)
  return wrong
}

function wrongTombstones (dir: string, generations: readonly string[]): string[] {
  const { ids, damaged } = readTombstones(dir)
  const wrong = damaged.map((line) => `tombstones: line ${line} is damaged`)
  for (const name of generations) {
    try {
      const { tombstones } = readManifest(dir, name)
      if (ids.size + damaged.length < tombstones) wrong.push(`tombstones: ${tombstones - ids.size} of those that ${name} knew are missing`)
    } catch {
      // Told with its generation.
    }
  }
  return wrong
}
