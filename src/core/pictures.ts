import type { ImageFinding } from '../images/errors.ts'
import type { Images } from '../images/open.ts'
import { AppError } from './errors.ts'
import { PICTURES } from './fields.ts'
import type { Changes } from './fields.ts'

/** Names of published pictures by kind; null where one is cleared. */
export interface Published { avatar?: string | null, cover?: string | null }

/** A published picture. */
export interface Picture { kind: (typeof PICTURES)[number], name: string }

/** The part of an edit that happens in the media folder: new files first, then the row, then the old files go. */
export function createPictures ({ images }: { images: Images }) {
  async function remove (pictures: readonly Picture[]): Promise<void> {
    for (const { kind, name } of pictures) await images.remove(kind, name)
  }

  const takeBack = (published: Published) => remove(PICTURES.flatMap((kind) => published[kind] ? [{ kind, name: published[kind] }] : []))

  return {
    remove,

    /** Encodes and publishes every picture that the changes bring. One that turns out corrupt: `invalid`, and none stays. */
    async publish ({ avatar, cover }: Changes): Promise<Published> {
      const published: Published = {}
      const wanted = { ...avatar !== undefined && { avatar }, ...cover !== undefined && { cover } }
      for (const kind of PICTURES) {
        const image = wanted[kind]
        if (image === undefined) continue
        try {
          published[kind] = image && await images.publish(image)
        } catch (error) {
          await takeBack(published)
          const { code, finding } = error as { code?: unknown, finding?: ImageFinding }
          if (code !== 'IMAGE_INVALID' || finding === undefined) throw error
          throw new AppError('invalid', { fields: [{ field: kind, ...finding }], cause: error })
        }
      }
      return published
    },

    /** Takes the published files back when the commit failed. */
    async keptOnlyIf<T> (published: Published, commit: Promise<T>): Promise<T> {
      try {
        return await commit
      } catch (error) {
        // Nobody knows whether the row was written: the sweeper will.
        if ((error as { code?: unknown }).code !== 'DATABASE_UNCERTAIN') await takeBack(published)
        throw error
      }
    },
  }
}
