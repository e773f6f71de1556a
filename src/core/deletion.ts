import type { Database, Queries } from '../db/open.ts'
import type { Account } from '../db/users.ts'
import { asOfNow, requireAdmin } from './access.ts'
import type { Actor, Rights } from './access.ts'
import { endCredentials } from './credentials.ts'
import { AppError } from './errors.ts'
import type { Mail } from './mail.ts'
import type { Picture, Pictures } from './pictures.ts'
import { requireVersion, revise } from './revision.ts'
import type { WriteOptions } from './revision.ts'

/** Throws when the actor, as they are by now, may not reach the account. */
type MayReach = (actor: Rights, account: Account) => void

interface Needs { db: Database, pictures: Pictures, mail: Mail }

/** How long somebody who was deleted softly can be brought back. */
const RESTORABLE_MS = 30 * 86_400_000
/** Whoever was deleted then, or earlier, is gone. */
const goneBefore = (): number => Date.now() - RESTORABLE_MS
/** The field of a tombstone: everything. */
const ALL = '*'

/** Leaving: softly, hidden everywhere and the name kept, or for good. */
export function createDeletion ({ db, pictures, mail }: Needs) {
  /** The last active admin stays, whoever asks, and of two who ask at once one is refused. */
  async function requireAnotherAdmin (tx: Queries, account: Account): Promise<void> {
    const isLast = account.isAdmin && account.isActive && account.deletedAt === null && !await tx.users.hasActiveAdminBeside(account.id)
    if (isLast) throw new AppError('permission_denied')
  }

  /** The row and all that hangs on it; what is left is one `changes` row without a word about the person. */
  async function bury (tx: Queries, account: Account, { actorId, family }: { actorId: number | null, family: string }): Promise<Picture[]> {
    const { id, cover, version } = account
    const avatars = await tx.avatars.namesOf(id)
    const dropped: Picture[] = [...avatars.map((name) => ({ kind: 'avatar' as const, name })), ...cover === null ? [] : [{ kind: 'cover' as const, name: cover }]]
    await tx.users.remove(id)
    await tx.changes.forget(id)
    const by = actorId === id ? null : actorId
    await tx.changes.insert({ userId: id, actorId: by, family, fields: [ALL], dropped: dropped.map(({ name }) => name), version: version + 1, at: Date.now() })
    return dropped
  }

  /** After the commit, in any order: what a crash leaves here is swept at boot. */
  async function clear (id: number, dropped: Picture[]): Promise<void> {
    await pictures.remove(dropped)
    await mail.forget(id)
    await db.truncateLog()
  }

  return {
    /**
     * Hides an account, and ends whatever its owner shows for good. Throws `not_found`, `already_deleted`, `precondition_failed`,
     * `permission_denied`: out of the actor's reach (`mayReach` throws it), or the last active admin; and what `asOfNow` throws.
     */
    async hide (actor: Actor, id: number, mayReach: MayReach, { family, ifMatch }: WriteOptions): Promise<void> {
      await db.write(async (tx) => {
        const account = await tx.users.find(id)
        const now = await asOfNow(tx, actor, account)
        if (account === undefined) throw new AppError(await tx.users.findDeleted(id) === undefined ? 'not_found' : 'already_deleted')
        mayReach(now, account)
        await requireAnotherAdmin(tx, account)
        requireVersion(account, ifMatch)
        // What takes back a change of address stays: whoever changed it may be who hides the account.
        await tx.codes.removeSince(id)
        await endCredentials(tx, id, { tokens: true })
        await revise(tx, account, { deletedAt: Date.now() }, { actorId: actor.id, family })
      })
    },

    /** Removes an account for good, hidden or not. Throws as `hide` does, but for `already_deleted`. */
    async remove (actor: Actor, id: number, mayReach: MayReach, { family, ifMatch }: WriteOptions): Promise<void> {
      const dropped = await db.write(async (tx) => {
        const account = await tx.users.find(id) ?? await tx.users.findDeleted(id)
        const now = await asOfNow(tx, actor, account)
        if (account === undefined) throw new AppError('not_found')
        mayReach(now, account)
        await requireAnotherAdmin(tx, account)
        requireVersion(account, ifMatch)
        return await bury(tx, account, { actorId: actor.id, family })
      })
      await clear(id, dropped)
    },

    /** Brings back somebody whose thirty days are not over; for admins. Throws `not_found`, `permission_denied`, `precondition_failed`, and what `asOfNow` throws. */
    async restore (actor: Actor, id: number, { family, ifMatch }: WriteOptions): Promise<Account> {
      return await db.write(async (tx) => {
        requireAdmin(await asOfNow(tx, actor))
        const account = await tx.users.findDeleted(id)
        // The purge may come an hour late.
        if (account === undefined || Number(account.deletedAt) <= goneBefore()) throw new AppError('not_found')
        requireVersion(account, ifMatch)
        return (await revise(tx, account, { deletedAt: null }, { actorId: actor.id, family })).account
      })
    },

    /** Somebody hidden, for those who may bring them back. */
    findHidden: (id: number): Promise<Account | undefined> => db.read.users.findDeleted(id),

    /** Removes for good whoever was hidden thirty days ago. Resolves to how many. */
    async purge (): Promise<number> {
      const ids = await db.read.users.deletedBefore(goneBefore())
      for (const id of ids) {
        const dropped = await db.write(async (tx) => {
          const account = await tx.users.findDeleted(id)
          return account && await bury(tx, account, { actorId: null, family: 'service' })
        })
        if (dropped !== undefined) await clear(id, dropped)
      }
      return ids.length
    },
  }
}

export type Deletion = ReturnType<typeof createDeletion>
