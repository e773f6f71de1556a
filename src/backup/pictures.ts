import { join } from 'node:path'
import { mediaOf } from '../images/folders.ts'
import { allSizes, fileName } from '../images/formats.ts'
import type { Snapshot } from '../db/snapshot.ts'
import type { Stored } from '../db/snapshot.ts'
import type { Listed } from './manifest.ts'
import type { Pool } from './pool.ts'
import { inSteps } from './progress.ts'
import type { OnProgress } from './progress.ts'

interface Needs { snapshot: Snapshot, pool: Pool, dataDir: string, onProgress: OnProgress }

export interface Gathered {
  moment: Date
  pictures: Listed
  missing: string[]
  damaged: string[]
  copied: { files: number, bytes: number }
}

/** So few that writers will not notice how long it takes to link them. */
const FEW = 50
const ROUNDS = 5

/** What a picture's files are called below `media/`, and by which hash, where that is known. */
export const filesOf = ({ kind, name, files }: Stored): { path: string, draft: string, noted?: string }[] => files === undefined
  ? allSizes(kind).map((size) => ({ path: `${kind}s/${fileName(name, size)}`, draft: fileName(name, size) }))
  : files.map(({ size, sha256 }) => ({ path: `${kind}s/${fileName(name, size)}`, draft: fileName(name, size), noted: sha256 }))

/**
 * Brings every picture of one moment into the pool, and fixes that moment. Most are taken beforehand; the few that came
 * meanwhile are linked while nobody can commit, because what a commit has dropped is gone at once.
 */
export async function gatherPictures ({ snapshot, pool, dataDir, onProgress }: Needs): Promise<Gathered> {
  const media = mediaOf(dataDir)
  const copied = { files: 0, bytes: 0 }
  const secured = new Set<string>()
  const taken = new Map<string, string>()
  const placeOf = ({ kind }: Stored, draft: string): string => join(media[kind], draft)
  pool.clear()

  function settle (path: string, draft: string): string {
    const { hash, bytes, isNew } = pool.settle(draft)
    if (isNew) {
      copied.files++
      copied.bytes += bytes
    }
    taken.set(path, hash)
    return hash
  }

  function take (picture: Stored): void {
    let isWhole = true
    for (const { path, draft, noted } of filesOf(picture)) {
      if (noted !== undefined && pool.has(noted)) continue
      if (pool.secure(placeOf(picture, draft), draft)) settle(path, draft)
      else isWhole = false
    }
    if (isWhole || picture.files === undefined) secured.add(picture.name)
  }

  for (let round = 0; round < ROUNDS; round++) {
    const fresh = snapshot.pictures().filter(({ name }) => !secured.has(name))
    await inSteps('pictures', fresh, onProgress, take)
    if (fresh.length <= FEW) break
  }
  let moment = new Date()
  const waiting = new Set<string>()
  await snapshot.freeze((name) => secured.has(name), (fresh) => {
    moment = new Date()
    for (const picture of fresh) for (const { draft, noted } of filesOf(picture)) {
      if (!(noted !== undefined && pool.has(noted)) && pool.secure(placeOf(picture, draft), draft)) waiting.add(draft)
    }
  })

  const pictures: Listed = new Map()
  const missing: string[] = []
  const damaged: string[] = []
  await inSteps('hashes', snapshot.pictures(), onProgress, (picture) => {
    for (const { path, draft, noted } of filesOf(picture)) {
      const isWaiting = waiting.has(draft) || (!(noted !== undefined && pool.has(noted)) && !taken.has(path) && pool.secure(placeOf(picture, draft), draft))
      const hash = isWaiting ? settle(path, draft) : noted !== undefined && pool.has(noted) ? noted : taken.get(path)
      if (hash !== undefined) pictures.set(path, hash)
      // Of a picture that nothing is known of, the sizes may not have been made yet.
      else if (noted !== undefined || !draft.includes('-')) missing.push(path)
      if (noted !== undefined && hash !== undefined && hash !== noted) damaged.push(path)
    }
  })
  return { moment, pictures, missing, damaged, copied }
}
