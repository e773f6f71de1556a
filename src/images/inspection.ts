import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Child } from './child.ts'
import type { Cut } from './cut.ts'
import { entriesOf, syncFolder } from '../disk.ts'
import { invalid, unavailable } from './errors.ts'
import { drop, newName, stat } from './folders.ts'
import type { Folders, Log } from './folders.ts'
import { allSizes, fileName, SIZES } from './formats.ts'
import type { ImageKind, Size } from './formats.ts'
import type { Made, MadeFile } from './made.ts'
import { PUBLISHED } from './sweep.ts'

/** A file in the media folder; without a name when it is not called as we call ours. */
export interface Found { file: string, name?: string, size?: Size }

/** What a file is against what was noted of it. */
export type Verdict = 'fine' | 'missing' | 'broken'

/** Looks at what lies in the folders, and puts it right. */
export interface Inspection {
  /** Every size that a picture of this kind has. */
  sizes (kind: ImageKind): Size[]
  /** Reads a published file to its end. */
  judge (kind: ImageKind, name: string, noted: MadeFile): Promise<Verdict>
  /** Whether there is a file of that size, or the main one. */
  has (kind: ImageKind, name: string, size?: Size): Promise<boolean>
  /** What lies in the folder of a kind, so many at a time. */
  list (kind: ImageKind, most: number): AsyncIterable<Found[]>
  /** When a file was last written, in milliseconds; undefined when it is not there. */
  writtenAt (kind: ImageKind, file: string): Promise<number | undefined>
  removeFile (kind: ImageKind, file: string): Promise<void>
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

export function openInspection ({ folders, child, log }: { folders: Folders, child: Child, log: Log }): Inspection {
  const at = (kind: ImageKind, file: string): string => join(folders.published[kind], file)

  return {
    sizes: allSizes,

    async judge (kind, name, { size, bytes, sha256 }) {
      const file = at(kind, fileName(name, size))
      const found = await stat(file)
      if (found === undefined) return 'missing'
      if (!found.isFile() || found.size !== bytes) return 'broken'
      try {
        const hash = createHash('sha256')
        await pipeline(createReadStream(file), hash)
        return hash.digest('hex') === sha256 ? 'fine' : 'broken'
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        // EIO: the disk itself cannot read it any more.
        if (code !== 'ENOENT' && code !== 'EIO') throw error
        return code === 'EIO' ? 'broken' : 'missing'
      }
    },

    has: async (kind, name, size = 'main') => await stat(at(kind, fileName(name, size))) !== undefined,

    async * list (kind, most) {
      for await (const page of entriesOf(folders.published[kind], most)) {
        yield page.map((entry): Found => {
          const [, name, size] = PUBLISHED.exec(entry.name) ?? []
          return { file: entry.name, ...name !== undefined && entry.isFile() && { name, size: size === undefined ? 'main' : Number(size) } }
        })
      }
    },

    writtenAt: async (kind, file) => (await stat(at(kind, file)))?.mtimeMs,

    removeFile: (kind, file) => rm(at(kind, file), { force: true }),

    async remake (kind, name, sizes, known) {
      // Not by its own name: a server may be making the sizes of the same picture.
      const output = newName()
      const { focus, crop } = known ?? {}
      const source = known && { width: known.sourceWidth, height: known.sourceHeight }
      try {
        const { finding, made } = await child.run({ type: 'complete', kind, file: at(kind, fileName(name, 'main')), output: join(folders.staging, output), focus, crop, ...source && { source } })
        if (finding) throw invalid(finding)
        if (made === undefined) throw unavailable('the image process made nothing')
        const files = made.files.filter(({ size }) => size === 'main' || sizes.includes(size))
        for (const { size } of files) if (size !== 'main') await rename(join(folders.staging, fileName(output, size)), at(kind, fileName(name, size)))
        await syncFolder(folders.published[kind])
        return { ...made, files }
      } finally {
        for (const size of SIZES[kind]) await drop(join(folders.staging, fileName(output, size)), log)
      }
    },

    async promote (kind, name, size) {
      const draft = join(folders.staging, newName())
      try {
        await writeFile(draft, await readFile(at(kind, fileName(name, size))), { flag: 'wx', mode: 0o644, flush: true })
        await rename(draft, at(kind, fileName(name, 'main')))
        await syncFolder(folders.published[kind])
      } finally {
        await drop(draft, log)
      }
    },

    staged: () => readdir(folders.staging),
  }
}
