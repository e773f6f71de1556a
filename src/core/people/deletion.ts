import type { Account, Database, Queries } from '../../db/index.ts'
import { asOfNow, requireAdmin } from '../access.ts'
import type { Actor, Rights } from '../access.ts'
import { endCredentials } from '../credentials/index.ts'
import { AppError } from '../errors.ts'
import type { Limits } from '../limits/index.ts'
import type { Mail } from '../mail/index.ts'
import type { Pictures } from '../pictures/index.ts'
import type { Proof } from '../sign-in/proof.ts'
import { bury, erase, ROWS_AT_ONCE } from './burial.ts'
import type { Buried } from './burial.ts'
import { createRestoration, goneBefore, isRestorable } from './restoration.ts'
import { requireVersion, revise } from './revision.ts'
import type { WriteOptions } from './revision.ts'

/** Throws when the actor, as they are by now, may not reach the account. */
type MayReach = (actor: Rights, account: Account) => void

/** `entomb` tells the folder of backups, where there is one, who must not come back by a restore. */
interface Needs { db: Database, pictures: Pictures, mail: Mail, proof: Proof, limits: Limits, log?: { warn: (details: object, message: string) => void } | undefined, entomb: (people: number[]) => Promise<void> }

/** How many people are removed in one commit: each takes one or two milliseconds on the event loop. */
const PURGED_AT_ONCE = 10

/** Leaving: softly, hidden everywhere and the name kept, or for good. */
export function createDeletion ({ db, pictures, mail, proof, limits, log, entomb }: Needs) {
  /** The last active admin stays, whoever asks, and of two who ask at once one is refused. */
  async function requireAnotherAdmin (tx: Queries, account: Account): Promise<void> {
    const isLast = account.isAdmin && account.isActive && account.deletedAt === null && !await tx.users.hasActiveAdminBeside(account.id)
    if (isLast) throw new AppError('permission_denied')
  }

  /** Ends a removal that has begun. Resolves to `undefined` where somebody else has ended it. */
  async function finish (id: number): Promise<Buried | undefined> {
    for (;;) {
      const part = await db.write(async (tx) => {
        const account = await tx.users.findLeaving(id)
        return { isOver: account === undefined, buried: account && await erase(tx, account) }
      })
      if (part.isOver || part.buried !== undefined) return part.buried
    }
  }

  /** After the commit. Each step is on its own: the people are gone, whatever fails here, and the next start or the next hour sweeps what is left. */
  async function clear (buried: readonly Buried[]): Promise<void> {
    const people = buried.map(({ id }) => id)
    await attempt('backups were not told who is gone; the next one tells them', people, () => entomb(people))
    await attempt('pictures of people who are gone were not removed', people, () => pictures.remove(buried.flatMap(({ dropped }) => dropped)))
    await attempt('mails to people who are gone were not removed', people, () => mail.forget(people))
    await attempt('mails of invitations that are gone were not removed', people, () => mail.forgetInvitations(buried.flatMap(({ invitations }) => invitations)))
    for (const id of people) await attempt('changes by somebody who is gone still have their id', [id], () => forgetActor(id))
    await attempt('the log of the database was not emptied, and may hold texts of people who are gone', people, db.truncateLog)
  }

  async function attempt (failure: string, people: readonly number[], work: () => Promise<void>): Promise<void> {
    await work().catch((error: unknown) => { log?.warn({ err: error, people }, failure) })
  }

  /** What somebody did to others stays, without their id. In pieces: somebody may have created a hundred thousand accounts. */
  async function forgetActor (id: number): Promise<void> {
    const some = () => db.write((tx) => tx.changes.forgetActor(id, ROWS_AT_ONCE))
    while (await some() === ROWS_AT_ONCE);
  }

  return {
    /**
     * Hides an account, and ends whatever its owner shows for good. Throws `not_found`, `already_deleted`, `precondition_failed`,
     * `permission_denied`: out of the actor's reach (`mayReach` throws it), or the last active admin; and what `asOfNow` throws.
     */
    async hide (actor: Actor, id: number, mayReach: MayReach, { family, ifMatch, address }: WriteOptions): Promise<void> {
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
        await revise(tx, account, { deletedAt: Date.now() }, { actorId: actor.id, family, address })
      })
    },

    /**
     * Removes an account for good, hidden or not; of one with very many rows in several writes, from the first of which on it is gone
     * for everybody. Throws as `hide` does, but for `already_deleted`.
     */
    async remove (actor: Actor, id: number, mayReach: MayReach, { family, ifMatch, address }: WriteOptions): Promise<void> {
      const begun = await db.write(async (tx) => {
        const account = await tx.users.find(id) ?? await tx.users.findDeleted(id)
        const now = await asOfNow(tx, actor, account)
        if (account === undefined) throw new AppError('not_found')
        mayReach(now, account)
        await requireAnotherAdmin(tx, account)
        requireVersion(account, ifMatch)
        return await bury(tx, account, { actorId: actor.id, family, address })
      })
      const buried = begun ?? await finish(id)
      if (buried !== undefined) await clear([buried])
    },

    /** Brings back somebody whose thirty days are not over; for admins. Throws `not_found`, `permission_denied`, `precondition_failed`, and what `asOfNow` throws. */
    async restore (actor: Actor, id: number, { family, ifMatch, address }: WriteOptions): Promise<Account> {
      return await db.write(async (tx) => {
        requireAdmin(await asOfNow(tx, actor))
        const account = await tx.users.findDeleted(id)
        if (account === undefined || !isRestorable(account)) throw new AppError('not_found')
        requireVersion(account, ifMatch)
        return (await revise(tx, account, { deletedAt: null }, { actorId: actor.id, family, address })).account
      })
    },

    restoreOwn: createRestoration({ db, proof, limits }),

    /** Somebody hidden, for those who may bring them back. */
    findHidden: (id: number): Promise<Account | undefined> => db.read.users.findDeleted(id),

    /** Removes for good whoever was hidden thirty days ago, and whose removal was cut off. Resolves to how many; whoever could not be removed is logged. */
    async purge (): Promise<number> {
      let purged = 0
      const until = goneBefore()
      for (let page = await db.read.users.deletedBefore(until, FIRST, PURGED_AT_ONCE); page.length > 0;) {
        const begun = page.map(({ id }) => db.write(async (tx) => {
          const account = await tx.users.findDeleted(id)
          return account && await bury(tx, account, { actorId: null, family: 'service' })
        }))
        await Promise.allSettled(begun)
        const buried: Buried[] = []
        for (const [i, { id }] of page.entries()) {
          try {
            const one = await begun[i] ?? await finish(id)
            if (one !== undefined) buried.push(one)
          } catch (error) {
            log?.warn({ err: error, userId: id }, 'somebody who was deleted thirty days ago was not removed')
          }
        }
        if (buried.length > 0) await clear(buried)
        purged += buried.length
        page = await db.read.users.deletedBefore(until, page.at(-1) ?? FIRST, PURGED_AT_ONCE)
      }
      // What a crash left of earlier removals.
      for (const id of await db.read.changes.goneActors()) await forgetActor(id)
      return purged
    },
  }
}

/** Before everybody who was ever deleted. */
const FIRST = { deletedAt: 0, id: 0 }
