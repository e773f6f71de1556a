import { isDeepStrictEqual } from 'node:util'
import type { PictureRow } from '../../db/index.ts'
import type { Size } from '../../images/formats.ts'
import type { Made } from '../../images/made.ts'
import type { Picture } from '../pictures/index.ts'
import { note } from '../pictures/picture-records.ts'
import type { Mended, Needs } from './round.ts'

type Owned = Picture & { userId: number }

const detailOf = (from: Size) => ({ lost: `detail, as it is made anew from its size of ${from} pixels` })

export const isInvalid = (error: unknown): boolean => (error as { code?: unknown }).code === 'IMAGE_INVALID'

/** How a picture is kept whose main file is lost: the largest of its other sizes that is whole takes its place. */
export function createRebuilding ({ db, images }: Needs) {
  const { inspection } = images

  /** Resolves to what the picture is now, the sizes in `broken` made anew; undefined when there is nothing to make it from. */
  async function fromLargest ({ kind, name }: Picture, whole: readonly Size[], broken: readonly Size[]): Promise<{ from: Size, made: Made } | undefined> {
    for (const from of whole.toSorted((a, b) => Number(b) - Number(a))) {
      await inspection.promote(kind, name, from)
      try {
        return { from, made: await inspection.remake(kind, name, broken) }
      } catch (error) {
        if (!isInvalid(error)) throw error
      }
    }
    return undefined
  }

  return {
    /** From the sizes that its record knows, but for the broken ones. Resolves to false when that cannot be. */
    async recorded (row: PictureRow, broken: readonly Size[]): Promise<Mended | false> {
      const { kind, name } = row
      const whole = row.files.filter(({ size }) => size !== 'main' && !broken.includes(size))
      const rebuilt = await fromLargest(row, whole.map(({ size }) => size), broken.filter((size) => size !== 'main'))
      if (rebuilt === undefined) return false
      const [main, ...remade] = rebuilt.made.files
      const before = row.files.find(({ size }) => size === 'main')
      const files = [...main === undefined ? [] : [main], ...[...whole, ...remade].sort((a, b) => Number(a.size) - Number(b.size))]
      // The part that was cut out is all that there is now; the subject of a cover, which is never cut, is where it was.
      const now = { ...row, ...rebuilt.made, files, crop: null, focus: kind === 'cover' ? row.focus : null }
      const isThere = await db.write(async (tx) => {
        if (!isDeepStrictEqual(await tx.pictures.find(name), row)) return false
        await tx.pictures.remove(name)
        await tx.pictures.insert(now)
        await tx.coming.end(name)
        return true
      })
      // Somebody was quicker: what is known says that it is broken, and the next time finds it.
      if (!isThere) return 'it changed meanwhile'
      const isWhole = !row.isAnimated && main?.width === before?.width && main?.height === before?.height
      return isWhole ? undefined : detailOf(rebuilt.from)
    },

    /** The same for a picture of which nothing is known. */
    async unrecorded ({ kind, name, userId }: Owned): Promise<Mended | false> {
      const sizes = inspection.sizes(kind).filter((size) => size !== 'main')
      const there = await Promise.all(sizes.map((size) => inspection.has(kind, name, size)))
      const rebuilt = await fromLargest({ kind, name }, sizes.filter((_, i) => there[i]), sizes)
      if (rebuilt === undefined) return false
      await db.write(async (tx) => {
        if (await tx.pictures.find(name) === undefined) await note(tx, { id: userId, avatar: name, cover: name }, { [kind]: { ...rebuilt.made, name, cut: {} } }, Date.now())
      })
      return detailOf(rebuilt.from)
    },
  }
}
