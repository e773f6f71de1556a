import { createHash } from 'node:crypto'
import type { Service } from '../app.ts'
import { FolderError } from '../db/index.ts'
import type { Bare } from '../db/index.ts'
import { pathOf } from '../images/formats.ts'
import type { ImageKind } from '../images/formats.ts'
import type { MadeFile } from '../images/made.ts'
import type { OnProgress } from './progress.ts'

/** A picture as its row tells it. */
interface Noted { kind: ImageKind, name: string, files: MadeFile[] }

const TABLE = { name: 'pictures', columns: ['name', 'kind', 'files'], key: [0] } as const
const KINDS = ['avatar', 'cover'] as const
/** Each waits for the disk, or for the network, most of its time. */
const AT_ONCE = 4
/** How many names a page of the store has. */
const LISTED = 1_000

export interface Pictures {
  /** Looks at what an interrupted move has left there. */
  look: () => Promise<void>
  /** Brings what is not there yet, and removes what has gone. Resolves to how many there are. Throws MOVE_REFUSED where one is missing or damaged. */
  bring: () => Promise<number>
}

interface Ends {
  rows: Bare
  from: Pick<Service, 'db' | 'images'>
  to: Pick<Service, 'images'>
  onProgress: OnProgress
}

/** The pictures of a service that keeps its store. */
export const stayingPictures = (rows: Bare): Pictures => ({ look: async () => {}, bring: () => rows.count(TABLE) })

/** Pictures go ahead of the rows, beside the running service, and again for what has changed meanwhile. Names are never given twice. */
export function createPictures ({ rows, from, to, onProgress }: Ends): Pictures {
  /** What is at the new place, by name, with a mark of what its row said of its files; without one of what an interrupted move has left there. */
  const there = new Map<string, { kind: ImageKind, mark?: string }>()

  /** Whether all files of a picture are there that its row names: a file is there whole or not at all. */
  async function isThere ({ kind, name, files }: Noted): Promise<boolean> {
    for (const { size, bytes } of files) {
      if ((await to.images.store.stat({ kind, name, size }))?.bytes !== bytes) return false
    }
    return true
  }

  /** Brings one; resolves to the file that is not what was noted, unless its owner has replaced it meanwhile. */
  async function bring (picture: Noted): Promise<string | undefined> {
    const { kind, name } = picture
    if (there.has(name) && await isThere(picture)) return undefined
    const size = await to.images.bring(from.images.store, picture)
    return size === undefined || await from.db.read.pictures.find(name) === undefined ? undefined : `media/${pathOf({ kind, name, size })}`
  }

  async function refuseUnrecorded (): Promise<void> {
    for (const kind of KINDS) {
      const [first] = await from.db.read.checks.unrecorded(kind, 0, 1)
      if (first !== undefined) throw new FolderError('MOVE_REFUSED', `nothing is known yet of the ${kind} of account ${first.userId}, and of others perhaps: run fsck --repair first`)
    }
  }

  return {
    async look (): Promise<void> {
      for (const kind of KINDS) {
        for await (const page of to.images.store.list(kind, { most: LISTED })) {
          for (const { name } of page) if (name !== undefined) there.set(name, { kind })
        }
      }
    },

    async bring (): Promise<number> {
      await refuseUnrecorded()
      const named = new Set<string>()
      const wrong: string[] = []
      const of = await rows.count(TABLE)

      async function one ([name, kind, files]: [string, ImageKind, string]): Promise<void> {
        named.add(name)
        const mark = createHash('sha1').update(files).digest('base64')
        if (there.get(name)?.mark !== mark) {
          const missing = await bring({ kind, name, files: JSON.parse(files) as MadeFile[] })
          if (missing !== undefined) wrong.push(missing)
          there.set(name, { kind, mark })
        }
        onProgress({ step: 'pictures', done: named.size, of })
      }

      for await (const page of rows.rows(TABLE)) {
        const waiting = [...page] as [string, ImageKind, string][]
        const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, async () => { for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) await one(row) }))
        // When nothing is at work any more that could leave something behind.
        for (const end of ends) if (end.status === 'rejected') throw end.reason
      }
      if (wrong.length > 0) throw new FolderError('MOVE_REFUSED', `${wrong[0]}${wrong.length > 1 ? ` and ${wrong.length - 1} others are` : ' is'} missing or damaged: run fsck --repair first`)
      for (const [name, { kind, mark }] of there) {
        // In a bucket may be what is somebody else's: what this did not bring is for fsck to tell.
        if (named.has(name) || (mark === undefined && to.images.store.isTracked)) continue
        await to.images.remove(kind, name)
        there.delete(name)
      }
      return named.size
    },
  }
}
