import type { Database, Queries } from '../db/open.ts'
import type { Account, UserRow } from '../db/users.ts'
import { codeInvalid } from './codes.ts'
import type { Codes } from './codes.ts'
import { refuse } from './errors.ts'
import type { Limits } from './limits.ts'
import type { Mail } from './mail.ts'
import { revise } from './revision.ts'

interface Needs { db: Database, codes: Codes, mail: Mail, limits: Limits }

/** Whose address it is: confirmed by a code that was sent to it. */
export function createEmails ({ db, codes, mail, limits }: Needs) {
  /** Mails a code to an address that nobody has confirmed yet. */
  async function askToConfirm (tx: Queries, { id: userId, username, email, emailConfirmed }: UserRow): Promise<void> {
    if (email === null || emailConfirmed) return
    const code = await codes.issue(tx, { userId, purpose: 'confirm_email', email })
    await mail.post(tx, userId, { template: 'confirm-email', to: email, params: { username, code } })
  }

  /** Tells the old address; codes that went to it count no longer. */
  async function left (tx: Queries, { id, username, email }: UserRow, now: UserRow): Promise<void> {
    await tx.codes.removeOf(id)
    if (email === null) return
    await mail.post(tx, id, { template: 'email-changed', to: email, params: { username, ...now.email !== null && { email: now.email } } })
  }

  async function requireFree (rows: Queries, email: string, self: { id: number }): Promise<void> {
    const holder = await rows.users.holderOf({ email })
    if (holder !== undefined && holder.id !== self.id) refuse([{ field: 'email', code: 'email_taken' }])
  }

  /** `then` runs in the same transaction. Throws `invalid` (`code`): unknown, spent, expired, or for an address that is no longer theirs. */
  async function confirm<T = Account> (
    code: string, family: string, then: (tx: Queries, account: Account) => Promise<T> = async (_tx, account) => account as T,
  ): Promise<T> {
    return await db.write(async (tx) => {
      const found = await codes.spend(tx, code, 'confirm_email')
      const account = found && await tx.users.find(found.userId)
      if (account === undefined || account.email !== found?.email) throw codeInvalid()
      const revised = await revise(tx, account, { emailConfirmed: true }, { actorId: account.id, family })
      return await then(tx, revised.account)
    })
  }

  /** Throws `invalid`: the code does not count (for this address), or somebody else has the address by now. */
  async function change ({ id, email, code }: { id?: number, email?: string, code: string }, family: string): Promise<Account> {
    return await db.write(async (tx) => {
      const found = await codes.spend(tx, code, 'change_email')
      const isMeant = found !== undefined && (id === undefined || id === found.userId) && (email === undefined || email.toLowerCase() === found.email.toLowerCase())
      const before = isMeant ? await tx.users.find(found.userId) : undefined
      if (found === undefined || before === undefined) throw codeInvalid()
      await requireFree(tx, found.email, before)
      const { account } = await revise(tx, before, { email: found.email, emailConfirmed: true }, { actorId: before.id, family })
      await left(tx, before, account)
      return account
    })
  }

  return {
    askToConfirm,
    confirm,
    change,

    /** By a code of either kind: for the address as it is, or for a new one. */
    async prove (code: string, family: string): Promise<Account> {
      const isNew = await codes.find(db.read, code, 'change_email') !== undefined
      return await (isNew ? change({ code }, family) : confirm(code, family))
    },

    /** What follows from an address that was written directly, in the same transaction. */
    async changed (tx: Queries, before: UserRow, now: UserRow): Promise<void> {
      await left(tx, before, now)
      await askToConfirm(tx, now)
    },

    /** Sends the code once more. Throws `throttled`. */
    async sendAgain (account: UserRow): Promise<void> {
      if (account.email === null || account.emailConfirmed) return
      limits.code({ email: account.email, person: account.id })
      await db.write((tx) => askToConfirm(tx, account))
    },

    /** Mails a code to the new address; the old one stays until that code comes back. Throws `invalid`, `throttled`. */
    async askToChange (account: Account, email: string): Promise<void> {
      if (email.toLowerCase() === account.email?.toLowerCase()) refuse([{ field: null, code: 'email_unchanged' }])
      await requireFree(db.read, email, account)
      limits.code({ email, person: account.id })
      await db.write(async (tx) => {
        const code = await codes.issue(tx, { userId: account.id, purpose: 'change_email', email })
        await mail.post(tx, account.id, { template: 'change-email', to: email, params: { username: account.username, code } })
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
