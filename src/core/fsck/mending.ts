import type { Account, PictureRow, Queries } from '../../db/index.ts'
import type { Size } from '../../images/formats.ts'
import type { MadeFile } from '../../images/made.ts'
import { revise } from '../people/revision.ts'
import type { Picture } from '../pictures/index.ts'
import { note } from '../pictures/picture-records.ts'
import { createRebuilding, isInvalid } from './rebuilding.ts'
import type { Mended, Needs } from './round.ts'

type Owned = Picture & { userId: number }

const OPERATOR = { actorId: null, family: 'operator' }

/** How what is wrong with pictures is put right: each looks again in its transaction, because a server may have been quicker. */
export function createMending (needs: Needs) {
  const { db, images, remove } = needs
  const rebuild = createRebuilding(needs)
  const ownerOf = async (tx: Queries, id: number): Promise<Account | undefined> => await tx.users.find(id) ?? await tx.users.findDeleted(id)

  /** Nobody shows or keeps it any more. */
  async function clear ({ kind, name, userId }: Owned): Promise<Mended> {
    const lost = await db.write(async (tx) => {
      const owner = await ownerOf(tx, userId)
      if (owner?.[kind] === name) {
        await revise(tx, owner, { [kind]: null }, OPERATOR)
        return `the ${kind} of the account`
      }
      if (owner === undefined || kind !== 'avatar') {
        await tx.pictures.remove(name)
        await tx.going.add([{ kind, name }])
        return undefined
      }
      const isKept = await tx.checks.holderOf(kind, name) === userId
      await tx.avatars.remove(name)
      await revise(tx, owner, {}, { ...OPERATOR, beside: ['avatars'], besideDropped: [{ kind, name }] })
      return isKept ? 'an avatar in the collection of the account' : undefined
    })
    await remove([{ kind, name }])
    return lost === undefined ? undefined : { lost }
  }

  /** Puts a shown avatar into its owner's collection; one of somebody else's is not shown any more. */
  async function collect ({ name, userId }: Owned): Promise<Mended> {
    return await db.write(async (tx): Promise<Mended> => {
      const owner = await ownerOf(tx, userId)
      const holder = await tx.checks.holderOf('avatar', name)
      if (owner?.avatar !== name || holder === userId) return undefined
      if (holder !== undefined) {
        await revise(tx, owner, { avatar: null }, { ...OPERATOR, isChoice: true })
        return { lost: 'the avatar of the account, which is somebody else\'s' }
      }
      await tx.avatars.insert(userId, name, owner.updatedAt)
      await revise(tx, owner, {}, { ...OPERATOR, beside: ['avatars'] })
      return undefined
    })
  }

  /** Forgets what is known of a picture that its owner does not have, and its files when nobody else has it. */
  async function forget ({ kind, name, userId }: PictureRow): Promise<void> {
    const isFree = await db.write(async (tx) => {
      const holder = await tx.checks.holderOf(kind, name)
      const owner = await ownerOf(tx, userId)
      if (holder === userId || owner?.[kind] === name) return false
      await tx.pictures.remove(name)
      if (holder === undefined) await tx.going.add([{ kind, name }])
      return holder === undefined
    })
    if (isFree) await remove([{ kind, name }])
  }

  /** Makes a record of a picture, with all its sizes; without a good file it goes. */
  async function record (picture: Owned): Promise<Mended> {
    const { kind, name, userId } = picture
    const { has, remake: make, sizes } = images.inspection
    if (await db.read.pictures.find(name) !== undefined) return await release(picture)
    const made = await has(kind, name) ? await orNothing(make(kind, name, sizes(kind))) : undefined
    if (made === undefined) {
      const rebuilt = await rebuild.unrecorded(picture)
      return rebuilt === false ? await clear(picture) : rebuilt
    }
    const isNoted = await db.write(async (tx) => {
      if (await tx.checks.holderOf(kind, name) !== userId) {
        await tx.going.add([{ kind, name }])
        return false
      }
      if (await tx.pictures.find(name) === undefined) await note(tx, { id: userId, avatar: name, cover: name }, { [kind]: { ...made, name, cut: {} } }, Date.now())
      return true
    })
    if (!isNoted) await remove([{ kind, name }])
    return undefined
  }

  /** Puts right a picture whose main file is lost, or is not on record; `broken` are all sizes that are. Without a good file it goes. */
  async function restore (row: PictureRow, broken: readonly Size[]): Promise<Mended> {
    const isOnRecord = row.files.some(({ size }) => size === 'main')
    if (!isOnRecord && await images.inspection.has(row.kind, row.name) && await orNothing(remake(row, broken).then(() => true))) return undefined
    const rebuilt = await rebuild.recorded(row, broken)
    return rebuilt === false ? await clear(row) : rebuilt
  }

  /** Somebody has what is another person's, or of the other kind: they do not any more, and it stays. */
  async function release ({ kind, name, userId }: Owned): Promise<Mended> {
    return await db.write(async (tx): Promise<Mended> => {
      const owner = await ownerOf(tx, userId)
      const known = await tx.pictures.find(name)
      if (owner === undefined || known === undefined || (known.userId === userId && known.kind === kind)) return undefined
      const isKept = kind === 'avatar' && await tx.checks.holderOf(kind, name) === userId
      if (isKept) await tx.avatars.remove(name)
      await revise(tx, owner, owner[kind] === name ? { [kind]: null } : {}, { ...OPERATOR, beside: isKept ? ['avatars'] : [], isChoice: true })
      return { lost: `the ${kind} of the account, which is somebody else's` }
    })
  }

  /** Makes some sizes anew from the main file, which among them is only looked at, and notes what they are now. */
  async function remake (row: PictureRow, sizes: readonly Size[]): Promise<void> {
    const { kind, name } = row
    const remade = (await images.inspection.remake(kind, name, sizes, row)).files.filter(({ size }) => sizes.includes(size))
    const files = [...row.files.filter(({ size }) => !sizes.includes(size)), ...remade].sort((a, b) => order(a) - order(b))
    const isThere = await db.write(async (tx) => {
      if (await tx.pictures.find(name) === undefined) {
        await tx.going.add([{ kind, name }])
        return false
      }
      await tx.checks.setFiles(name, files)
      await tx.coming.end(name)
      return true
    })
    if (!isThere) await remove([{ kind, name }])
  }

  return { collect, forget, record, remake, restore }
}

/** What comes of it, or nothing when the file is no picture. */
async function orNothing<T> (making: Promise<T>): Promise<T | undefined> {
  try {
    return await making
  } catch (error) {
    if (!isInvalid(error)) throw error
    return undefined
  }
}

const order = ({ size }: MadeFile): number => size === 'main' ? 0 : size

export type Mending = ReturnType<typeof createMending>
