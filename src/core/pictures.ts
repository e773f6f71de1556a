import { isDeepStrictEqual } from 'node:util'
import type { Database, Queries } from '../db/open.ts'
import type { Account, UserRow } from '../db/users.ts'
import type { Cut } from '../images/cut.ts'
import type { ImageFinding } from '../images/errors.ts'
import type { Made } from '../images/made.ts'
import type { Images } from '../images/open.ts'
import { AppError } from './errors.ts'
import { PICTURES } from './fields.ts'
import type { Changes } from './fields.ts'

export type { PictureRow } from '../db/pictures.ts'
export type { Crop, Focus } from '../images/cut.ts'
export type { PictureLimits } from '../images/limits.ts'

type Kind = (typeof PICTURES)[number]

/** A published picture. */
export interface Picture { kind: Kind, name: string }

/** What an edit has published of one kind. */
interface PublishedPicture extends Made {
  name: string
  cut: Cut
  /** The picture that it was cut from anew, if it was. */
  from?: string
}

/** By kind; null where a picture is cleared. */
export type Published = { [K in Kind]?: PublishedPicture | null }

/** The names of published pictures, as the account's row holds them. */
export const namesOf = (published: Published): Partial<Pick<UserRow, Kind>> =>
  Object.fromEntries(Object.entries(published).map(([kind, picture]) => [kind, picture && picture.name]))

/** The part of an edit that happens in the media folder: new files first, then the row, then the old files go. */
export function createPictures ({ db, images }: { db: Database, images: Images }) {
  async function remove (pictures: readonly Picture[]): Promise<void> {
    for (const { kind, name } of pictures) await images.remove(kind, name)
  }

  const takeBack = (published: Published) => remove(PICTURES.flatMap((kind) => published[kind] ? [{ kind, name: published[kind].name }] : []))

  async function publishOne (kind: Kind, changes: Changes, account: Account | undefined): Promise<PublishedPicture | null | undefined> {
    const [image, said] = [changes[kind], changes.cuts?.[kind]]
    if (image) return { ...await images.publish(image, said), cut: said ?? {} }
    const shown = account?.[kind]
    if (image === null || said === undefined || !shown) return image
    const before = await db.read.pictures.find(shown)
    // One from before its measures were kept gets them soon.
    if (before === undefined) throw new AppError('unavailable')
    const old: Cut = { focus: before.focus, crop: before.crop }
    const cut = { ...old, ...said }
    const { sourceWidth, sourceHeight, isAnimated, blurhash, color, files } = before
    const made: Made = { sourceWidth, sourceHeight, isAnimated, blurhash, color, files }
    return isDeepStrictEqual(cut, old) ? undefined : { ...await cutAnew(kind, account, shown, made, cut), cut, from: shown }
  }

  /** Another edit may have replaced the picture meanwhile, and its files are gone then: `unavailable`. */
  async function cutAnew (kind: Kind, { id }: Account, shown: string, made: Made, cut: Cut): Promise<Made & { name: string }> {
    try {
      return await images.recut(kind, shown, made, cut)
    } catch (error) {
      const isReplaced = (error as { code?: unknown }).code === 'ENOENT' && (await db.read.users.findRow(id))?.[kind] !== shown
      throw isReplaced ? new AppError('unavailable', { cause: error }) : error
    }
  }

  return {
    remove,

    /**
     * Encodes and publishes every picture that the changes bring, and cuts anew what they only cut. One that turns out
     * corrupt, or smaller than its crop: `invalid`, and none stays.
     */
    async publish (changes: Changes, account?: Account): Promise<Published> {
      const published: Published = {}
      for (const kind of PICTURES) {
        try {
          const picture = await publishOne(kind, changes, account)
          if (picture !== undefined) published[kind] = picture
        } catch (error) {
          await takeBack(published)
          const { code, finding } = error as { code?: unknown, finding?: ImageFinding }
          if (code !== 'IMAGE_INVALID' || finding === undefined) throw error
          throw new AppError('invalid', { fields: [{ field: fieldOf(kind, finding), ...finding }], cause: error })
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

/** What the finding is about: the picture, or the part of it that was asked for. */
export const fieldOf = (kind: Kind, { code }: ImageFinding): string => code === 'image_crop' ? `${kind}Crop` : kind

/** Notes what is known of the new pictures, in the transaction that shows them. Throws `unavailable` when what was cut anew is not shown any more. */
export async function note (tx: Queries, owner: Pick<Account, 'id' | Kind>, published: Published, at: number): Promise<void> {
  for (const kind of PICTURES) {
    const picture = published[kind]
    if (!picture) continue
    const { name, cut, from, sourceWidth, sourceHeight, isAnimated, blurhash, color, files } = picture
    if (from !== undefined && owner[kind] !== from) throw new AppError('unavailable')
    const { focus = null, crop = null } = cut
    await tx.pictures.insert({
      name, userId: owner.id, kind, sourceWidth, sourceHeight, isAnimated, blurhash, color, files,
      focus: focus && [...focus], crop: crop && [...crop], createdAt: at,
    })
  }
}
