import type { Readable } from 'node:stream'
import type { ImageKind, Size } from '../formats.ts'

/** A published picture: all of its files share the name, which is random and never used twice. */
export interface Picture { kind: ImageKind, name: string }

/** One file of a published picture. */
export interface PictureFile extends Picture { size: Size }

/** What is known of a stored file without reading it. */
export interface Stored {
  bytes: number
  /** When it was put there, in whole milliseconds since 1970. */
  writtenAt: number
}

/** A stored file that is being read. Whoever does not read `body` to its end destroys it. */
export interface Opened extends Stored {
  /** The bytes that were asked for; `bytes` counts all there are. Breaks off with one of the errors of the store. */
  body: Readable
}

/** What a list holds: `file` is what it is called in the store, and all there is where we would not call anything so. */
export interface Listed extends Partial<Omit<PictureFile, 'kind'>> { file: string }

/**
 * Where published pictures lie. A file is there whole or not at all, and is never changed: one put in its place takes it in one
 * step, and whoever reads the old one reads it to its end. Everything here may be called at the same time as everything else.
 *
 * Errors are IMAGE_UNAVAILABLE where trying again may help, STORE_FULL, and IMAGE_DAMAGED for what is there and cannot be
 * read. Whatever else is thrown is a defect of the medium, in its own words. What is missing is no error.
 */
export interface Store {
  /** The folder that has all files as `pathOf` calls them, where they lie on this machine. */
  readonly root?: string
  /**
   * Nobody looks through it for what a crash has left, because that would take too long, or because others work on it as well:
   * which pictures come and go is noted with the rows instead. A store that is not is looked through at the start.
   */
  readonly isTracked: boolean
  /**
   * Takes the files of a picture over from staging, each flushed by whoever wrote it. Resolves when all are there and stay
   * there after a power cut. When it rejects, some may be there, each whole, or come later: whoever chose the name removes them.
   * What `isNew` takes the place of nothing.
   */
  put (picture: Picture, files: readonly { size: Size, file: string }[], options?: { isNew: boolean }): Promise<void>
  /** Begins to read a file, or from its byte `from` to its byte `to`, both included; undefined when it is not there. */
  open (file: PictureFile, range?: { from: number, to: number }): Promise<Opened | undefined>
  /** Undefined when it is not there. */
  stat (file: PictureFile): Promise<Stored | undefined>
  /**
   * Everything of a kind, so many at a time and in no order: what is there all the while comes once, what comes or goes
   * meanwhile may. With `after`, only what is called greater than that.
   */
  list (kind: ImageKind, page: { most: number, after?: string }): AsyncIterable<Listed[]>
  /** Afterwards it is not there, whether it was or not; after a power cut it may be there again. */
  remove (file: PictureFile): Promise<void>
  /** Resolves when files would be taken, as far as that can be told without one; throws why not. */
  probe (): Promise<void>
  /** The bytes of everything of a kind, which takes as long as listing it. */
  usage (kind: ImageKind): Promise<number>
}
