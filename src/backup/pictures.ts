import { allSizes, fileName } from '../images/formats.ts'
import type { Size } from '../images/formats.ts'
import { mediaOf, pathOf } from '../images/store/folder.ts'
import { recordedOf } from '../db/snapshot.ts'
import type { Snapshot, Stored } from '../db/snapshot.ts'
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
export function filesOf (picture: Stored): { path: string, draft: string, noted?: string }[] {
  const { kind, name } = picture
  const named = (size: Size) => ({ path: pathOf({ kind, name, size }), draft: fileName(name, size) })
  return recordedOf(picture)?.map(({ size, sha256 }) => ({ ...named(size), noted: sha256 })) ?? allSizes(kind).map(named)
}

/**
 * Brings every picture of one moment into the pool, and fixes that moment. Most are taken beforehand; the few that came
 * meanwhile are linked while nobody can commit, because what a commit has dropped is gone at once.
 */
export async function gatherPictures ({ snapshot, pool, dataDir, onProgress }: Needs): Promise<Gathered> {
  const copied = { files: 0, bytes: 0 }
  const secured = new Set<string>()
  const taken = new Map<string, string>()
  /** Pictures that are whole in the pool, by what was known of them then: unless that has changed, nothing is to be asked again. */
  const whole = new Map<string, { recorded: string | null, listed: [path: string, hash: string][] }>()
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
    let [isThere, isWhole] = [true, picture.recorded !== null]
    const listed: [string, string][] = []
    for (const { path, draft, noted } of filesOf(picture)) {
      if (noted !== undefined && pool.has(noted)) listed.push([path, noted])
      else if (pool.secure(mediaOf(dataDir, path), draft)) {
        const hash = settle(path, draft)
        listed.push([path, hash])
        isWhole &&= hash === noted
      } else isThere = false
    }
    if (isThere || picture.recorded === null) secured.add(picture.name)
    if (isThere && isWhole) whole.set(picture.name, { recorded: picture.recorded, listed })
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
    for (const picture of fresh) for (const { path, draft, noted } of filesOf(picture)) {
      if (!(noted !== undefined && pool.has(noted)) && pool.secure(mediaOf(dataDir, path), draft)) waiting.add(draft)
    }
  })

  const pictures: Listed = new Map()
  const missing: string[] = []
  const damaged: string[] = []
  await inSteps('hashes', snapshot.pictures(), onProgress, (picture) => {
    const known = whole.get(picture.name)
    if (known?.recorded === picture.recorded) {
      for (const [path, hash] of known.listed) pictures.set(path, hash)
      return
    }
    for (const { path, draft, noted } of filesOf(picture)) {
      const isWaiting = waiting.has(draft) || (!(noted !== undefined && pool.has(noted)) && !taken.has(path) && pool.secure(mediaOf(dataDir, path), draft))
      const hash = isWaiting ? settle(path, draft) : noted !== undefined && pool.has(noted) ? noted : taken.get(path)
      if (hash !== undefined) pictures.set(path, hash)
      // Of a picture that nothing is known of, the sizes may not have been made yet.
      else if (noted !== undefined || !draft.includes('-')) missing.push(path)
      if (noted !== undefined && hash !== undefined && hash !== noted) damaged.push(path)
    }
  })
  return { moment, pictures, missing, damaged, copied }
}
