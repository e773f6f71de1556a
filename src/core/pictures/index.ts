import { isDeepStrictEqual } from 'node:util'
import type { Account, Database, UserRow } from '../../db/index.ts'
import type { Cut } from '../../images/cut.ts'
import type { ImageFinding } from '../../images/errors.ts'
import type { Made } from '../../images/made.ts'
import type { Images } from '../../images/open.ts'
import { AppError } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import { PICTURES } from '../fields/index.ts'
import type { Changes } from '../fields/index.ts'
import type { Places, Waiting } from '../limits/places.ts'
import type { Collection } from './collection.ts'
import { upgrade } from './picture-records.ts'
import type { Kind, Picture, Published, PublishedPicture } from './picture-records.ts'

export type { PictureRow } from '../../db/index.ts'
export type { Picture, Published } from './picture-records.ts'
export type { Crop, Focus } from '../../images/cut.ts'
export type { Size } from '../../images/formats.ts'
export type { PictureLimits } from '../../images/limits.ts'

/** The names of published pictures, as the account's row holds them. */
export const namesOf = (published: Published): Partial<Pick<UserRow, Kind>> =>
  Object.fromEntries(Object.entries(published).map(([kind, picture]) => [kind, picture && picture.name]))

interface Needs { db: Database, images: Images, places: Places, collection: Collection }

/** The part of an edit that happens in the store of pictures: new files first, then the row, then the old files go. */
export function createPictures ({ db, images, places, collection }: Needs) {
  async function remove (pictures: readonly Picture[]): Promise<void> {
    if (!images.store.isTracked) for (const { kind, name } of pictures) await images.remove(kind, name)
    else if (pictures.length > 0) collection.nudge()
  }

  async function takeBack (published: Published): Promise<void> {
    for (const kind of PICTURES) {
      const name = published[kind]?.name
      if (name === undefined || !await images.remove(kind, name) || !images.store.isTracked) continue
      // What is not written now is found by who collects what was lost.
      await db.write((tx) => tx.coming.end(name)).catch(() => {})
    }
  }

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
    /** How many edits with pictures wait for their turn. */
    waiting: places.waiting,
    /** Removes what a commit has dropped; from a store that is tracked, without waiting for it. */
    remove,
    /** Removes what was published for a row that was not written. */
    takeBack,

    /** Does work that judges or makes pictures, if these changes need any, in the place of whoever waits for it. Throws `unavailable` past their share. */
    inTurn: <T>(who: Waiting, changes: Pick<Changes, 'avatar' | 'cover' | 'cuts'>, work: () => Promise<T>): Promise<T> =>
      changes.avatar || changes.cover || changes.cuts ? places.hold(who, work) : work(),

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
          throw new AppError('invalid', { fields: [fieldErrorOf(kind, finding, changes.cuts?.[kind]?.crop)], cause: error })
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
/** What is said of a main file that is gone, or is no picture any more. */
const UNREADABLE = new Set<unknown>(['IMAGE_MISSING', 'IMAGE_DAMAGED', 'IMAGE_INVALID'])

/** About the picture, or about the part of it that was asked for. */
export const fieldErrorOf = (kind: Kind, finding: ImageFinding, asked: Cut['crop']): FieldError => finding.code === 'image_crop'
  ? { field: `${kind}Crop`, code: finding.code, params: { ...finding.params, asked: asked?.join(',') ?? '' } }
  : { field: kind, ...finding }

export type Pictures = ReturnType<typeof createPictures>
