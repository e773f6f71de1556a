import type { Account, Database, Queries } from '../../db/index.ts'
import type { Cut } from '../../images/cut.ts'
import type { Made } from '../../images/made.ts'
import type { Images } from '../../images/open.ts'
import { AppError } from '../errors.ts'
import { PICTURES } from '../fields/index.ts'

export type Kind = (typeof PICTURES)[number]

/** A published picture. */
export interface Picture { kind: Kind, name: string }

/** What an edit has published of one kind. */
export interface PublishedPicture extends Made {
  name: string
  cut: Cut
  /** The picture that it was cut from anew, if it was. */
  from?: string
}

/** By kind; null where a picture is cleared. */
export type Published = { [K in Kind]?: PublishedPicture | null }

/** Notes what is known of the new pictures, in the transaction that shows them. Throws `unavailable` when what was cut anew is not shown any more, and when a picture was given up on its way. */
export async function note (tx: Queries, owner: Pick<Account, 'id' | Kind>, published: Published, at: number): Promise<void> {
  for (const kind of PICTURES) {
    const picture = published[kind]
    if (!picture) continue
    const { name, cut, from, sourceWidth, sourceHeight, isAnimated, blurhash, color, files } = picture
    if (from !== undefined && owner[kind] !== from) throw new AppError('unavailable')
    if (!await tx.coming.end(name)) throw new AppError('unavailable')
    const { focus = null, crop = null } = cut
    // Cut otherwise it shows the same.
    const alt = from === undefined ? null : (await tx.pictures.find(from))?.alt ?? null
    await tx.pictures.insert({
      name, userId: owner.id, kind, sourceWidth, sourceHeight, isAnimated, blurhash, color, files,
      focus: focus && [...focus], crop: crop && [...crop], createdAt: at, alt,
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
    if (isGone) await tx.going.add([{ kind, name }])
    else if (isKnown) await tx.coming.end(name)
    else await note(tx, { id: userId, avatar: name, cover: name }, { [kind]: { ...made, name, cut: {} } }, Date.now())
    return { isGone, isKnown }
  })
  // The owner left, or chose another picture, before the sizes were there: nobody else removes them.
  if (isGone && !images.store.isTracked) await images.remove(kind, name)
  return !isGone && !isKnown
}
