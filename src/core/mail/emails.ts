import type { Account, Database, Queries, UserRow } from '../../db/index.ts'
import { comparable } from '../../texts/email.ts'
import { asOfNow, ownAccount } from '../access.ts'
import type { Person, Rights } from '../access.ts'
import { refuse } from '../errors.ts'
import { FREE } from '../limits/index.ts'
import type { Limits } from '../limits/index.ts'
import { requireVersion, revise } from '../people/revision.ts'
import type { IfMatch, WriteOptions } from '../people/revision.ts'
import { codeInvalid } from '../sign-in/codes.ts'
import type { Codes } from '../sign-in/codes.ts'
import type { Mail } from './index.ts'

interface Needs { db: Database, codes: Codes, mail: Mail, limits: Limits }

/** How long a code that is sent to an address which nobody proved to own only confirms it. */
const HELD_MS = 86_400_000

/** Whether codes that are sent to the address of this person neither sign in nor reset for now. */
export const isHeld = ({ emailHeldUntil }: UserRow): boolean => emailHeldUntil !== null && emailHeldUntil > Date.now()

/** Whose an address is; one whose change can still be taken back stays with whom it was taken from. */
export const holderOfEmail = async (rows: Queries, email: string): Promise<{ id: number } | undefined> =>
  await rows.users.holderOf({ email }) ?? await rows.codes.keeperOf(email, Date.now())

/** What the address of an account becomes when somebody writes it directly, who may not be its owner. */
export function unprovenEmail (by: Rights, account: UserRow, email: string | null): Pick<UserRow, 'email' | 'emailConfirmed' | 'emailHeldUntil'> {
  return { email, emailConfirmed: false, emailHeldUntil: email === null || isRescue(by, account) ? null : Date.now() + HELD_MS }
}

/** An admin who gives somebody another address does so because the mailbox is lost: nothing that was sent, there or earlier, undoes it. */
const isRescue = (by: Rights, account: UserRow): boolean => by.isAdmin && by.id !== account.id

/** Whose address it is: confirmed by a code that was sent to it. */
export function createEmails ({ db, codes, mail, limits }: Needs) {
  /** Mails a code to an address that nobody has confirmed yet. */
  async function askToConfirm (tx: Queries, { id: userId, username, email, emailConfirmed }: UserRow): Promise<void> {
    if (email === null || emailConfirmed) return
    const code = await codes.issue(tx, { userId, purpose: 'confirm_email', email })
    await mail.post(tx, userId, { template: 'confirm-email', to: email, params: { username, code } })
  }

  /**
   * Tells the old address; codes that went to it count no longer. A confirmed one gets a code that takes the change back, unless it
   * is held itself: whoever wrote it would come in by that code before the day is over.
   */
  async function left (tx: Queries, before: UserRow, now: UserRow, isRevertible: boolean): Promise<void> {
    const { id: userId, username, email, emailConfirmed } = before
    await tx.codes.removeSince(userId)
    if (email === null || email === now.email) return
    const params = { username, ...now.email !== null && { email: now.email } }
    if (!emailConfirmed || isHeld(before) || !isRevertible) return await mail.post(tx, userId, { template: 'email-changed', to: email, params })
    const code = await codes.issue(tx, { userId, purpose: 'revert_email', email })
    await mail.post(tx, userId, { template: 'revert-email', to: email, params: { ...params, code } })
  }

  async function requireFree (rows: Queries, email: string, self: { id: number }): Promise<void> {
    const holder = await holderOfEmail(rows, email)
    if (holder !== undefined && holder.id !== self.id) refuse([{ field: 'email', code: 'email_taken' }])
  }

  /** `then` runs in the same transaction. Throws `invalid` (`code`): unknown, spent, expired, or for an address that is no longer theirs; `precondition_failed`. */
  async function confirm<T = Account> (
    code: string, { family, ifMatch, address }: WriteOptions, then: (tx: Queries, account: Account) => Promise<T> = async (_tx, account) => account as T,
  ): Promise<T> {
    return await db.write(async (tx) => {
      const found = await codes.spend(tx, code, 'confirm_email')
      const account = found && await tx.users.find(found.userId)
      if (account === undefined || account.email !== found?.email) throw codeInvalid()
      requireVersion(account, ifMatch)
      const revised = await revise(tx, account, { emailConfirmed: true }, { actorId: account.id, family, address })
      return await then(tx, revised.account)
    })
  }

  /** Throws `invalid`: the code does not count (for this address), or somebody else has the address by now; `precondition_failed`. */
  async function change ({ id, email, code }: { id?: number, email?: string, code: string }, { family, ifMatch, address }: WriteOptions): Promise<Account> {
    return await db.write(async (tx) => {
      const found = await codes.spend(tx, code, 'change_email')
      const isMeant = found !== undefined && (id === undefined || id === found.userId) && (email === undefined || comparable(email) === comparable(found.email))
      const before = isMeant ? await tx.users.find(found.userId) : undefined
      if (found === undefined || before === undefined) throw codeInvalid()
      await requireFree(tx, found.email, before)
      requireVersion(before, ifMatch)
      const { account } = await revise(tx, before, { email: found.email, emailConfirmed: true, emailHeldUntil: null }, { actorId: before.id, family, address })
      await left(tx, before, account, true)
      return account
    })
  }

  return {
    askToConfirm,
    confirm,
    change,
    left,

    /** By a code of either kind: for the address as it is, or for a new one. */
    async prove (code: string, options: WriteOptions): Promise<Account> {
      const isNew = await codes.find(db.read, code, 'change_email') !== undefined
      return await (isNew ? change({ code }, options) : confirm(code, options))
    },

    /** What follows from an address that was written directly, in the same transaction. */
    async changed (tx: Queries, by: Rights, before: UserRow, now: UserRow): Promise<void> {
      const isFinal = isRescue(by, before)
      await left(tx, before, now, !isFinal)
      if (isFinal) await tx.codes.removeOf(before.id)
      await askToConfirm(tx, now)
    },

    /** Sends the code once more. Throws `throttled`, `precondition_failed`, and what `asOfNow` throws. */
    async sendAgain (person: Person, ifMatch?: IfMatch): Promise<void> {
      const { email, emailConfirmed } = await ownAccount(db.read, person)
      const spending = email !== null && !emailConfirmed ? limits.code({ email, person: person.id }) : FREE
      await spending(() => db.write(async (tx) => {
        const account = await ownAccount(tx, person)
        requireVersion(account, ifMatch)
        await askToConfirm(tx, account)
      }))
    },

    /** Mails a code to the new address; the old one stays until that code comes back. Throws `invalid`, `throttled`, `precondition_failed`, and what `asOfNow` throws. */
    async askToChange (person: Person, email: string, ifMatch?: IfMatch): Promise<void> {
      const before = await ownAccount(db.read, person)
      if (before.email !== null && comparable(email) === comparable(before.email)) refuse([{ field: null, code: 'email_unchanged' }])
      await limits.newEmail(before)
      await requireFree(db.read, email, before)
      await limits.code({ email, person: before.id })(() => db.write(async (tx) => {
        const account = await ownAccount(tx, person)
        requireVersion(account, ifMatch)
        const code = await codes.issue(tx, { userId: account.id, purpose: 'change_email', email })
        await mail.post(tx, account.id, { template: 'change-email', to: email, params: { username: account.username, code } })
      }))
    },

    /** The address that a person has asked for and not proved to read yet; null for none. */
    async pending (userId: number): Promise<string | null> {
      return (await db.read.codes.findOf(userId, 'change_email', Date.now()))?.email ?? null
    },

    /** Takes such a request back: its code counts no longer. None, and nothing happens. Throws what `asOfNow` throws. */
    async takeBack (person: Person): Promise<void> {
      await db.write(async (tx) => {
        await asOfNow(tx, person)
        await tx.codes.removeOf(person.id, 'change_email')
      })
    },

    /** Whether a mailed code of this person still counts. */
    async isGood (userId: number, code: string): Promise<boolean> {
      const found = await codes.find(db.read, code, 'change_email') ?? await codes.find(db.read, code, 'confirm_email')
      return found?.userId === userId
    },
  }
}

export type Emails = ReturnType<typeof createEmails>
