import type { Queries } from '../../db/open.ts'
import type { PictureRow } from '../../db/pictures.ts'
import type { Account } from '../../db/users.ts'
import type { Size } from '../../images/formats.ts'
import type { MadeFile } from '../../images/made.ts'
import { note } from '../picture-records.ts'
import type { Picture } from '../pictures.ts'
import { revise } from '../revision.ts'
import type { Needs } from './round.ts'

type Owned = Picture & { userId: number }

const OPERATOR = { actorId: null, family: 'operator' }

/** How what is wrong with pictures is put right: each looks again in its transaction, because a server may have been quicker. */
export function createMending ({ db, images }: Needs) {
  const ownerOf = async (tx: Queries, id: number): Promise<Account | undefined> => await tx.users.find(id) ?? await tx.users.findDeleted(id)

  /** Nobody shows or keeps it any more. */
  async function clear ({ kind, name, userId }: Owned): Promise<void> {
    await db.write(async (tx) => {
      const owner = await ownerOf(tx, userId)
      if (owner?.[kind] === name) await revise(tx, owner, { [kind]: null }, OPERATOR)
      else if (owner !== undefined && kind === 'avatar') {
        await tx.avatars.remove(name)
        await revise(tx, owner, {}, { ...OPERATOR, beside: ['avatars'], besideDropped: [{ kind, name }] })
      } else await tx.pictures.remove(name)
    })
    await images.remove(kind, name)
  }

  /** Puts a shown avatar into its owner's collection; one of somebody else's is not shown any more. */
  async function collect ({ name, userId }: Owned): Promise<void> {
    await db.write(async (tx) => {
      const owner = await ownerOf(tx, userId)
      const holder = await tx.checks.holderOf('avatar', name)
      if (owner?.avatar !== name || holder === userId) return
      if (holder !== undefined) return void await revise(tx, owner, { avatar: null }, { ...OPERATOR, isChoice: true })
      await tx.avatars.insert(userId, name, owner.updatedAt)
      await revise(tx, owner, {}, { ...OPERATOR, beside: ['avatars'] })
    })
  }

  /** Forgets what is known of a picture that its owner does not have, and its files when nobody else has it. */
  async function forget ({ kind, name, userId }: PictureRow): Promise<void> {
    const isFree = await db.write(async (tx) => {
      const holder = await tx.checks.holderOf(kind, name)
      const owner = await ownerOf(tx, userId)
      if (holder === userId || owner?.[kind] === name) return false
      await tx.pictures.remove(name)
      return holder === undefined
    })
    if (isFree) await images.remove(kind, name)
  }

  /** Makes a record of a picture, with all its sizes; without a good file it goes. */
  async function record (picture: Owned): Promise<void> {
    const { kind, name, userId } = picture
    const { has, remake: make, sizes } = images.inspection
    if (await db.read.pictures.find(name) !== undefined) return await release(picture)
    if (!await has(kind, name)) return await clear(picture)
    let made
    try {
      made = await make(kind, name, sizes(kind))
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'IMAGE_INVALID') throw error
      return await clear(picture)
    }
    const isNoted = await db.write(async (tx) => {
      if (await tx.checks.holderOf(kind, name) !== userId) return false
      if (await tx.pictures.find(name) === undefined) await note(tx, { id: userId, avatar: name, cover: name }, { [kind]: { ...made, name, cut: {} } }, Date.now())
      return true
    })
    if (!isNoted) await images.remove(kind, name)
  }

  /** Somebody has what is another person's, or of the other kind: they do not any more, and it stays. */
  async function release ({ kind, name, userId }: Owned): Promise<void> {
    await db.write(async (tx) => {
      const owner = await ownerOf(tx, userId)
      const known = await tx.pictures.find(name)
      if (owner === undefined || known === undefined || (known.userId === userId && known.kind === kind)) return
      const isKept = kind === 'avatar' && await tx.checks.holderOf(kind, name) === userId
      if (isKept) await tx.avatars.remove(name)
      await revise(tx, owner, owner[kind] === name ? { [kind]: null } : {}, { ...OPERATOR, beside: isKept ? ['avatars'] : [], isChoice: true })
    })
  }

  /** Makes some sizes anew from the main file, and notes what they are now. */
  async function remake (row: PictureRow, sizes: readonly Size[]): Promise<void> {
    const { kind, name } = row
    const remade = (await images.inspection.remake(kind, name, sizes, row)).files.filter(({ size }) => size !== 'main')
    const files = [...row.files.filter(({ size }) => !sizes.includes(size)), ...remade].sort((a, b) => order(a) - order(b))
    const isThere = await db.write(async (tx) => {
      if (await tx.pictures.find(name) === undefined) return false
      await tx.checks.setFiles(name, files)
      return true
    })
    if (!isThere) await images.remove(kind, name)
  }

  return { clear, collect, forget, record, remake }
}

const order = ({ size }: MadeFile): number => size === 'main' ? 0 : size

export type Mending = ReturnType<typeof createMending>
