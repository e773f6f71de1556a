import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Child } from './child.ts'
import type { Cut } from './cut.ts'
import { invalid, isDamaged, unavailable } from './errors.ts'
import { allSizes, fileName, SIZES } from './formats.ts'
import type { ImageKind, Size } from './formats.ts'
import type { Made, MadeFile } from './made.ts'
import { drop, newName } from './staging.ts'
import type { Log } from './staging.ts'
import { fetch } from './store/fetch.ts'
import type { Listed, PictureFile, Store } from './store/index.ts'

/** What a file is against what was noted of it. */
export type Verdict = 'fine' | 'missing' | 'broken'

/** Looks at what lies in the store, and puts it right. */
export interface Inspection {
  /** Every size that a picture of this kind has. */
  sizes (kind: ImageKind): Size[]
  /** Reads a published file to its end. */
  judge (kind: ImageKind, name: string, noted: MadeFile): Promise<Verdict>
  /** Whether there is a file of that size, or the main one. */
  has (kind: ImageKind, name: string, size?: Size): Promise<boolean>
  /** What lies in the store of a kind, so many at a time. */
  list (kind: ImageKind, most: number): AsyncIterable<Listed[]>
  /** When a file was last written, in milliseconds; undefined when it is not there. */
  writtenAt (file: PictureFile): Promise<number | undefined>
  removeFile (file: PictureFile): Promise<void>
  /**
   * Makes some sizes of a picture anew from its main file, which like the others is not touched, as what is known of it
   * says. Resolves to those and the main one; throws IMAGE_INVALID when that is no picture.
   */
  remake (kind: ImageKind, name: string, sizes: readonly Size[], known?: Made & Cut): Promise<Made>
  /** Puts a copy of one of a picture's sizes in the place of its main file, durably. */
  promote (kind: ImageKind, name: string, size: Size): Promise<void>
  /** What lies in staging. */
  staged (): Promise<string[]>
}

interface Needs {
  store: Store
  /** The folder that the image process reads from and writes to. */
  staging: string
  child: Child
  log: Log
}

export function openInspection ({ store, staging, child, log }: Needs): Inspection {
  /** The main file as a local one, for as long as it is worked on. */
  async function withMain<T> (kind: ImageKind, name: string, work: (file: string) => Promise<T>): Promise<T> {
    const file = join(staging, newName())
    try {
      await fetch(store, { kind, name, size: 'main' }, file)
      return await work(file)
    } finally {
      await drop(file, log)
    }
  }

  return {
    sizes: allSizes,

    async judge (kind, name, { size, bytes, sha256 }) {
      try {
        const found = await store.open({ kind, name, size })
        if (found === undefined) return 'missing'
        const hash = createHash('sha256')
        if (found.bytes === bytes) await pipeline(found.body, hash)
        else found.body.destroy()
        return found.bytes === bytes && hash.digest('hex') === sha256 ? 'fine' : 'broken'
      } catch (error) {
        if (!isDamaged(error)) throw error
        return 'broken'
      }
    },

    async has (kind, name, size = 'main') {
      try {
        return await store.stat({ kind, name, size }) !== undefined
      } catch (error) {
        if (!isDamaged(error)) throw error
        return true
      }
    },

    list: (kind, most) => store.list(kind, { most }),

    writtenAt: async (file) => (await store.stat(file))?.writtenAt,

    removeFile: store.remove,

    async remake (kind, name, sizes, known) {
      // Not by its own name: a server may be making the sizes of the same picture.
      const output = newName()
      const staged = (size: Size): string => join(staging, fileName(output, size))
      const { focus, crop } = known ?? {}
      const source = known && { width: known.sourceWidth, height: known.sourceHeight }
      try {
        const { finding, made } = await withMain(kind, name, (file) => child.run({ type: 'complete', kind, file, output: join(staging, output), focus, crop, ...source && { source } }))
        if (finding) throw invalid(finding)
        if (made === undefined) throw unavailable('the image process made nothing')
        const files = made.files.filter(({ size }) => size === 'main' || sizes.includes(size))
        await store.put({ kind, name }, files.filter(({ size }) => size !== 'main').map(({ size }) => ({ size, file: staged(size) })))
        return { ...made, files }
      } finally {
        for (const size of SIZES[kind]) await drop(staged(size), log)
      }
    },

    async promote (kind, name, size) {
      const draft = join(staging, newName())
      try {
        await fetch(store, { kind, name, size }, draft, { isKept: true })
        await store.put({ kind, name }, [{ size: 'main', file: draft }])
      } finally {
        await drop(draft, log)
      }
    },

    staged: () => readdir(staging),
  }
}
