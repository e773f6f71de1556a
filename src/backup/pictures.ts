import { basename } from 'node:path'
import { FolderError } from '../db/errors.ts'
import { allSizes, fileName, pathOf } from '../images/formats.ts'
import type { Size } from '../images/formats.ts'
import { mediaOf } from '../images/store/folder.ts'
import { recordedOf } from '../db/sqlite/snapshot.ts'
import type { Snapshot, Stored } from '../db/sqlite/snapshot.ts'
import { isHash } from './manifest.ts'
import type { Listed, Manifest } from './manifest.ts'
import type { Pool } from './pool.ts'
import { inSteps } from './progress.ts'
import type { OnProgress } from './progress.ts'

interface Needs {
  snapshot: Snapshot
  pool: Pool
  dataDir: string
  /** What an earlier backup could not take by what the database says: it is looked at again. */
  odd: readonly string[]
  onProgress: OnProgress
}

export interface Gathered {
  moment: Date
  /** Hashes of the files of which the database knows none, or another one. */
  odd: Listed
  /** How many files there are in all. */
  files: number
  missing: string[]
  damaged: string[]
  copied: { files: number, bytes: number }
}

/** More than this is taken before the moment is fixed: what is read of a database at one moment makes its log grow meanwhile. */
const MANY = 500
const TRIES = 5
const NAME = /^[0-9a-f]{32}$/

/** What a picture's files are called below `media/`, and by which hash, where that is known. Throws a FolderError where a database was tampered with: a name is a path. */
export function filesOf (picture: Stored): { path: string, draft: string, noted?: string }[] {
  const { kind, name } = picture
  const sizes = new Set(allSizes(kind))
  const recorded = recordedOf(picture)
  if (!NAME.test(name) || recorded?.some(({ size, sha256 }) => !sizes.has(size) || !isHash(sha256))) throw new FolderError('BACKUP_DAMAGED', `the database names a picture as none is called: ${JSON.stringify(name)}`)
  const named = (size: Size) => ({ path: pathOf({ kind, name, size }), draft: fileName(name, size) })
  return recorded?.map(({ size, sha256 }) => ({ ...named(size), noted: sha256 })) ?? [...sizes].map(named)
}

/** The names of the pictures of which a backup knows more, or less, than its database. */
export const oddIn = ({ missing, damaged }: Manifest, odd: Listed): string[] =>
  [...new Set([...missing, ...damaged, ...odd.keys()].map((path) => basename(path).slice(0, 32)))]

/**
 * Brings every picture of one moment into the pool, and fixes that moment. What is gone when it is looked for was dropped by a
 * commit, or was missing before: then it is missing at the next moment too. Only where moments keep passing, writers wait for one.
 */
export async function gatherPictures ({ snapshot, pool, dataDir, odd: before, onProgress }: Needs): Promise<Gathered> {
  const copied = { files: 0, bytes: 0 }
  /** What was put into the pool, by its path. */
  const taken = new Map<string, string>()
  const waiting = new Set<string>()
  const absent = new Set<string>()
  /** Pictures whose files need not be looked for again, unless other ones are known of them by now. */
  const secured = new Map<string, string | null>()
  pool.clear()

  function settle (path: string, draft: string): string {
    const { hash, bytes, isNew } = pool.settle(draft)
    if (isNew) {
      copied.files++
      copied.bytes += bytes
    }
    waiting.delete(path)
    taken.set(path, hash)
    return hash
  }

  /** Makes sure of the files of a picture. False when one went since it was looked for last. */
  function secure (picture: Stored): boolean {
    let [isWhole, isSteady] = [true, true]
    for (const { path, draft, noted } of filesOf(picture)) {
      if (taken.has(path) || (noted !== undefined && pool.has(noted))) continue
      if (pool.secure(mediaOf(dataDir, path), draft)) waiting.add(path)
      else {
        isWhole = false
        isSteady &&= absent.has(path)
        absent.add(path)
      }
    }
    if (isWhole) secured.set(picture.name, picture.recorded)
    return isSteady
  }

  function take (picture: Stored): void {
    secure(picture)
    for (const { path, draft } of filesOf(picture)) if (waiting.has(path)) settle(path, draft)
  }

  const isFresh = ({ name, recorded }: Stored): boolean => secured.get(name) !== recorded
  let moment: Date
  let pictures: Stored[]
  for (let tries = 0; ; tries++) {
    const isLast = tries >= TRIES
    moment = new Date()
    try {
      pictures = snapshot.fix(isLast)
      const names = new Set(pictures.map(({ name }) => name))
      pictures.push(...snapshot.named(before.filter((name) => !names.has(name))))
      const fresh = pictures.filter(isFresh)
      if (fresh.length <= MANY || isLast) {
        let isSteady = true
        for (const picture of fresh) isSteady = secure(picture) && isSteady
        if (isSteady || isLast) break
        snapshot.loosen()
      } else {
        snapshot.loosen()
        await inSteps('pictures', fresh, onProgress, take)
      }
    } finally {
      snapshot.release()
    }
  }

  const odd: Listed = new Map()
  const missing: string[] = []
  const damaged: string[] = []
  let files = snapshot.recordedFiles()
  await inSteps('hashes', pictures, onProgress, (picture) => {
    for (const { path, draft, noted } of filesOf(picture)) {
      const hash = waiting.has(path) ? settle(path, draft) : taken.get(path) ?? (noted !== undefined && pool.has(noted) ? noted : undefined)
      if (hash === undefined) {
        if (noted !== undefined) files--
        // Of a picture that nothing is known of, the sizes may not have been made yet.
        if (noted !== undefined || !draft.includes('-')) missing.push(path)
      } else if (hash !== noted) {
        if (noted === undefined) files++
        else damaged.push(path)
        odd.set(path, hash)
      }
    }
  })
  return { moment, odd, files, missing, damaged, copied }
}
