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
    const known = await db.read.pictures.find(shown)
    const old: Cut = { focus: known?.focus ?? null, crop: known?.crop ?? null }
    const cut = { ...old, ...said }
    if (isDeepStrictEqual(cut, old)) return undefined
    try {
      return { ...await images.recut(kind, shown, known ?? await knownNow({ kind, name: shown }, account.id), cut), cut, from: shown }
    } catch (error) {
      throw await whyUncut(error, { kind, name: shown }, account.id, said)
    }
  }

  /** Of a picture from before there were sizes, whose turn to be upgraded has not come: it has now. */
  async function knownNow (picture: Picture, userId: number): Promise<Made> {
    await upgrade({ db, images }, picture, userId)
    const known = await db.read.pictures.find(picture.name)
    if (known === undefined) throw new AppError('unavailable')
    return known
  }

  /** Another edit may have replaced the picture meanwhile, and its files are gone then; or what was stored cannot be read any more. */
  async function whyUncut (error: unknown, { kind, name }: Picture, userId: number, said: Cut): Promise<unknown> {
    const { code, finding } = error as { code?: unknown, finding?: ImageFinding }
    if (error instanceof AppError || code === 'IMAGE_UNAVAILABLE' || finding?.code === 'image_crop') return error
    if ((await db.read.users.findRow(userId))?.[kind] !== name) return new AppError('unavailable', { cause: error })
    const main = (await db.read.pictures.find(name))?.files.find(({ size }) => size === 'main')
    const isLost = main === undefined ? UNREADABLE.has(code) : await images.inspection.judge(kind, name, main) !== 'fine'
    const fields = (['focus', 'crop'] as const).filter((part) => said[part] !== undefined).map((part) => ({ field: `${kind}${PARTS[part]}`, code: 'image_lost' } as const))
    return isLost ? new AppError('invalid', { fields, cause: error }) : error
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

const PARTS = { focus: 'Focus', crop: 'Crop' } as const
/** What the disk and the decoder say of a main file that is gone, or is no picture any more. */
const UNREADABLE = new Set<unknown>(['ENOENT', 'EIO', 'IMAGE_INVALID'])

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

/** Makes the sizes of a picture that was published before there were any. Resolves to whether nobody else had done so, or taken it away. */
export async function upgrade ({ db, images }: { db: Database, images: Images }, { kind, name }: Picture, userId: number): Promise<boolean> {
  // Under names of its own until all is there: two may be at it.
  const made = await images.inspection.remake(kind, name, images.inspection.sizes(kind))
  const { isGone, isKnown } = await db.write(async (tx) => {
    const isGone = await tx.pictures.ownerOf(name) === undefined
    const isKnown = await tx.pictures.find(name) !== undefined
    if (!isGone && !isKnown) await note(tx, { id: userId, avatar: name, cover: name }, { [kind]: { ...made, name, cut: {} } }, Date.now())
    return { isGone, isKnown }
  })
  // The owner left, or chose another picture, before the sizes were there: nobody else removes them.
  if (isGone) await images.remove(kind, name)
  return !isGone && !isKnown
}
