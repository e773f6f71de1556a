import type { Avatar, Database, Queries, UserRow } from '../../db/index.ts'
import { reached } from '../access.ts'
import type { Person, Rights } from '../access.ts'
import { AppError, refuse } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import type { Findings } from '../fields/findings.ts'
import { AVATARS_MAX } from '../fields/index.ts'
import type { Changes } from '../fields/index.ts'
import { writer } from '../people/rehearsal.ts'
import { requireVersion, revise } from '../people/revision.ts'
import type { WriteOptions } from '../people/revision.ts'
import type { Cursors, Page, Window } from '../seal/cursors.ts'
import { describe } from './alts.ts'
import { namesOf } from './index.ts'
import type { PictureRow, Pictures } from './index.ts'
import { note } from './picture-records.ts'

export type { Avatar } from '../../db/index.ts'

/** Of an avatar as it is, or would be. `picture` is known of one that would be new. */
export interface Added { owner: UserRow, avatar: Avatar, picture: PictureRow | undefined }

export interface AvatarOptions extends WriteOptions {
  /** Says what would be, and leaves nothing. */
  isDry?: boolean
  /** Whose they are: somebody within reach. Absent: one's own. */
  ownerId?: number
}

export interface AddOptions extends AvatarOptions {
  /** What the family has found already; thrown together with what the core finds. */
  errors?: readonly FieldError[]
}

/** What was edited when the collection was, and not what is shown of it: the account stays at its version. */
const COLLECTION = 'avatars'

/** The avatars that a person keeps. One of them at most is shown, which is `users.avatar`; the rest wait for their turn. */
export function createAvatars ({ db, pictures, findings, cursors }: { db: Database, pictures: Pictures, findings: Findings, cursors: Cursors }) {
  async function addInTurn (person: Person, { avatar: image, cuts, alts }: Pick<Changes, 'avatar' | 'cuts' | 'alts'>, { family, ifMatch, address, ownerId = person.id, errors = [], isDry = false }: AddOptions): Promise<Added> {
    const isMissing = !image && errors.length === 0
    const picture = { avatar: image ?? null, ...cuts && { cuts }, ...alts?.avatar !== undefined && { alts: { avatar: alts.avatar } } }
    refuse([
      ...errors,
      ...isMissing ? [{ field: 'avatar', code: 'no_file' } as const] : [],
      ...await findings.ofPictures(picture),
      ...await findingsOfRoom(db.read, ownerId),
    ])
    const published = await pictures.publish(picture)
    const added = await pictures.keptOnlyIf(published, writer(db, isDry)(async (tx) => {
      const { before: owner } = await reached(tx, person, ownerId)
      refuse(await findingsOfRoom(tx, ownerId))
      requireVersion(owner, ifMatch)
      const avatar = await tx.avatars.insert(ownerId, namesOf(published).avatar as string, Date.now())
      await note(tx, owner, published, avatar.uploadedAt)
      await describe(tx, owner, picture, published)
      await revise(tx, owner, {}, { actorId: person.id, family, address, beside: [COLLECTION] })
      return { owner, avatar, picture: await tx.pictures.find(avatar.name) }
    }))
    if (isDry) await pictures.takeBack(published)
    return added
  }

  return {
    /** The newest first, and whose they are; `not_found`. */
    async list (userId: number, limit: number, offset: number): Promise<{ owner: UserRow, count: number, avatars: Avatar[] }> {
      const owner = await db.read.users.findRow(userId)
      if (owner === undefined) throw new AppError('not_found')
      return { owner, ...await db.read.avatars.list(userId, limit, offset) }
    },

    /** The newest first, a page at a time, and whose they are. Throws `not_found`, and what `cursors.page` throws. */
    async page ({ id }: Rights, userId: number, window: Window, errors?: readonly FieldError[]): Promise<Page<Avatar> & { owner: UserRow }> {
      const owner = await db.read.users.findRow(userId)
      if (owner === undefined) throw new AppError('not_found')
      return { owner, ...await cursors.pageById(['avatars', id, userId], window, (part) => db.read.avatars.page(userId, part), errors) }
    },

    /** How many there are. */
    count: (userId: number): Promise<number> => db.read.avatars.count(userId),

    /** One of them, and whose it is; `not_found`. */
    async get (userId: number, id: number): Promise<{ owner: UserRow, avatar: Avatar }> {
      const owner = await db.read.users.findRow(userId)
      if (owner === undefined) throw new AppError('not_found')
      return { owner, avatar: await find(db.read, userId, id) }
    },

    /**
     * One more; what is shown stays. Throws every finding at once (`invalid`), `precondition_failed`, `unavailable`,
     * `insufficient_storage`, and what `reached` throws; after any of them nothing is left of it.
     */
    add: (person: Person, changes: Pick<Changes, 'avatar' | 'cuts' | 'alts'>, options: AddOptions): Promise<Added> =>
      pictures.inTurn(person.id, changes, () => addInTurn(person, changes, options)),

    /** Shows one of them; the one before stays in the collection. Throws `not_found`, `precondition_failed`, and what `reached` throws. */
    async choose (person: Person, id: number, { family, ifMatch, address, ownerId = person.id, isDry = false }: AvatarOptions): Promise<void> {
      await writer(db, isDry)(async (tx) => {
        const { before: owner } = await reached(tx, person, ownerId)
        const { name } = await find(tx, ownerId, id)
        requireVersion(owner, ifMatch)
        if (name !== owner.avatar) await revise(tx, owner, { avatar: name }, { actorId: person.id, family, address, isChoice: true })
      })
    },

    /** Removes one of them; of the shown one nobody takes the place. Throws as `choose` does. */
    async remove (person: Person, id: number, { family, ifMatch, address, ownerId = person.id, isDry = false }: AvatarOptions): Promise<void> {
      const { dropped } = await writer(db, isDry)(async (tx) => {
        const { before: owner } = await reached(tx, person, ownerId)
        const { name } = await find(tx, ownerId, id)
        requireVersion(owner, ifMatch)
        const reason = { actorId: person.id, family, address }
        if (name === owner.avatar) return await revise(tx, owner, { avatar: null }, reason)
        await tx.avatars.remove(name)
        return await revise(tx, owner, {}, { ...reason, beside: [COLLECTION], besideDropped: [{ kind: 'avatar', name }] })
      })
      if (!isDry) await pictures.remove(dropped)
    },
  }
}

async function find (rows: Queries, userId: number, id: number): Promise<Avatar> {
  const avatar = await rows.avatars.find(userId, id)
  if (avatar === undefined) throw new AppError('not_found')
  return avatar
}

/** An avatar that comes by an edit of the account is not asked for room: it takes the place of the shown one. */
async function findingsOfRoom (rows: Queries, userId: number): Promise<FieldError[]> {
  const found = await rows.avatars.count(userId)
  return found < AVATARS_MAX ? [] : [{ field: 'avatar', code: 'too_many_avatars', params: { limit: AVATARS_MAX, found } }]
}
