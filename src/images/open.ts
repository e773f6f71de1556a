import { bytesIn } from '../disk.ts'
import { createBitSet } from './bit-set.ts'
import { carry } from './carry.ts'
import { openChild } from './child.ts'
import { unavailable, type ImageFinding } from './errors.ts'
import type { Cut } from './cut.ts'
import type { ImageKind, Size } from './formats.ts'
import { limitsOf, type PictureLimits } from './limits.ts'
import type { Made } from './made.ts'
import { openInspection } from './inspection.ts'
import type { Inspection } from './inspection.ts'
import { publish, recut } from './publish.ts'
import { read } from './read.ts'
import { stage, type StagedImage } from './stage.ts'
import { newName, openStaging, type Log } from './staging.ts'
import { freeBytes, tryStaging } from './staging-probe.ts'
import { openDisk } from './store/disk.ts'
import type { Store } from './store/index.ts'
import { removePicture } from './store/removal.ts'
import { findMissing, removeOrphans, sweepStaging } from './sweep.ts'
import type { Missing, Rows } from './sweep.ts'
import { createUploads } from './uploads.ts'
import type { Ended } from './uploads.ts'

/** From a stream of bytes to a published picture, and back to nothing. */
export interface Images {
  readonly limits: Record<ImageKind, PictureLimits>
  /** Where published pictures lie: to be read. */
  readonly store: Store
  /** Streams an upload to staging. Throws IMAGE_TOO_LARGE past the kind's limit; a failed upload leaves nothing behind. */
  stage (kind: ImageKind, source: AsyncIterable<Uint8Array>): Promise<StagedImage>
  /** What is wrong with an upload, by its header alone, or with a crop of it. Throws only when the answer cannot be had. */
  judge (image: StagedImage, crop?: Cut['crop']): Promise<ImageFinding | undefined>
  /** Encodes an upload in all sizes and resolves once they are durable. The upload is gone afterwards, whatever happens. */
  publish (image: StagedImage, cut?: Cut): Promise<Made & { name: string }>
  /** Cuts a published picture anew, under a new name; the old one stays. */
  recut (kind: ImageKind, from: string, before: Made, cut: Cut): Promise<Made & { name: string }>
  /** The bytes of a published picture; of the main one when that size has not been made yet, undefined when there is none. */
  read (kind: ImageKind, name: string, size: Size): Promise<{ size: Size, bytes: Buffer } | undefined>
  /** Publishes a picture that another store has, as it is and under its name. Resolves to the size whose file is not what was noted, and then nothing was. */
  bring: (from: Store, picture: Parameters<typeof carry>[1]) => ReturnType<typeof carry>
  /** Removes a published picture, in all sizes. A missing one is fine; other failures are logged, and resolve to false. */
  remove (kind: ImageKind, name: string): Promise<boolean>
  /** Empties staging: before listening, and only by the process that holds the instance lock. */
  sweepStaging (): Promise<void>
  /**
   * Removes published files that belong to no row, unless they are younger than this process, and finds rows whose main
   * file is missing. A failure in one kind is logged and does not stop the other. Under the same lock, once per process.
   */
  sweepOrphans (rows: Rows): Promise<{ removed: number, missing: Missing }>
  /** What lies in the store against what was noted of it. */
  inspection: Inspection
  /** What it has done since the start. */
  figures (): { waiting: number, uploads: Ended[], swept: { runs: number, removed: number, missing: number } }
  /** How much lies where: reads all names, which takes seconds where there are many. */
  bytes (): Promise<Record<'avatars' | 'covers' | 'staging', number>>
  /** Whether pictures would be taken: each resolves to nothing or throws why not. `isNeeded`: see `child.ts`. */
  probes: { store (): Promise<undefined>, child (isNeeded?: boolean): Promise<void>, freeBytes (): Promise<number> }
  /** Ends the child process; what waits for it fails. */
  close (): Promise<void>
}

interface Options {
  dataDir: string
  /** Where published pictures lie; in the data folder unless told. */
  store?: Store
  maxBytes: Record<ImageKind, number>
  log?: Log
}

const SILENT: Log = { warn () {} }

export async function openImages ({ dataDir, store: given, maxBytes, log = SILENT }: Options): Promise<Images> {
  const store = given ?? await openDisk(dataDir)
  const staging = await openStaging(dataDir)
  const child = openChild({ log })
  const uploads = createUploads()
  const swept = { runs: 0, removed: 0, missing: 0 }
  let fresh: Set<string> | undefined = new Set()

  return {
    limits: { avatar: limitsOf('avatar', maxBytes.avatar), cover: limitsOf('cover', maxBytes.cover) },
    store,
    async stage (kind, source) {
      try {
        return await stage({ folder: staging, kind, maxBytes: maxBytes[kind], source, log })
      } catch (error) {
        uploads.note((error as { code?: unknown }).code === 'IMAGE_TOO_LARGE' ? 'too_large' : 'failed')
        throw error
      }
    },
    async judge (image, crop) {
      if (!image.claim()) throw unavailable('the upload is gone')
      try {
        const { content } = image
        const finding = 'finding' in content ? content.finding : (await child.run({ type: 'judge', file: content.file, crop })).finding
        if (finding !== undefined) uploads.note(finding.code, image)
        return finding
      } finally {
        await image.release()
      }
    },
    async publish (image, cut = {}) {
      const name = newName()
      fresh?.add(name)
      try {
        const made = await publish({ image, cut, name, child, store, staging, log })
        uploads.note('published', image)
        return { ...made, name }
      } catch (error) {
        uploads.note((error as { finding?: ImageFinding }).finding?.code ?? 'failed', image)
        throw error
      }
    },
    async recut (kind, from, before, cut) {
      const name = newName()
      fresh?.add(name)
      return { ...await recut({ kind, from, before, cut, name, child, store, staging, log }), name }
    },
    bring: (from, picture) => carry({ from, to: store, staging, log }, picture),
    read: (kind, name, size) => read(store, { kind, name, size }),
    async remove (kind, name) {
      // No name from outside comes this far; if one ever does, it must not become a path.
      if (/^[0-9a-f]{32}$/.test(name)) return await removePicture(store, { kind, name }, log)
      log.warn({ kind, name }, 'not the name of a picture')
      return true
    },
    sweepStaging: () => sweepStaging(staging),
    async sweepOrphans (rows) {
      const sum = { removed: 0, missing: { count: 0, first: [] as string[] } }
      for (const kind of ['avatar', 'cover'] as const) {
        const sweep = { kind, store, before: performance.timeOrigin, fresh: fresh ?? new Set<string>(), rows, seen: createBitSet(), log }
        const failed = (error: unknown) => { log.warn({ err: error, kind }, 'published pictures were not swept') }
        sum.removed += await removeOrphans(sweep).catch(failed) ?? 0
        const { count, first } = await findMissing(sweep).catch(failed) ?? { count: 0, first: [] }
        sum.missing = { count: sum.missing.count + count, first: [...sum.missing.first, ...first] }
      }
      // After the one sweep of a process nothing asks for these names again.
      fresh = undefined
      swept.runs++
      swept.removed += sum.removed
      swept.missing = sum.missing.count
      return sum
    },
    inspection: openInspection({ store, staging, child, log }),
    figures: () => ({ waiting: child.waiting(), uploads: uploads.all(), swept }),
    bytes: async () => ({ avatars: await store.usage('avatar'), covers: await store.usage('cover'), staging: await bytesIn(staging) }),
    probes: {
      async store () {
        await store.probe()
        await tryStaging(staging)
        return undefined
      },
      child: child.probe,
      freeBytes: () => freeBytes(staging),
    },
    close: () => child.close()
  }
}
