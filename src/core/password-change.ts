import type { Database, Queries } from '../db/open.ts'
import type { Account } from '../db/users.ts'
import { codeInvalid } from './codes.ts'
import type { Codes } from './codes.ts'
import { AppError, refuse } from './errors.ts'
import type { FieldError } from './errors.ts'
import type { Limits } from './limits.ts'
import type { Mail } from './mail.ts'
import type { Passwords } from './passwords.ts'
import { revise } from './revision.ts'
import type { SecondFactor } from './second-factor.ts'

interface Needs { db: Database, passwords: Passwords, codes: Codes, mail: Mail, limits: Limits, secondFactor: SecondFactor }

interface Change {
  current: string
  next: string
  /** Where it is done from, for the limit of guesses. */
  address: string
  /** The session that stays. */
  kept?: number | undefined
}

interface Reset { code: string, next: string, otp?: string | undefined, address: string }

/** A new password, by the old one or by a mailed code. It ends the sessions that the old one opened. */
export function createPasswordChange ({ db, passwords, codes, mail, limits, secondFactor }: Needs) {
  async function store (tx: Queries, before: Account, values: { passwordHash: string, emailConfirmed?: true }, kept: number, family: string): Promise<Account> {
    const now = Date.now()
    const { account } = await revise(tx, before, values, { actorId: before.id, family })
    await tx.sessions.revokeBeside(before.id, kept, now)
    await tx.codes.removeOf(before.id, 'reset_password')
    await tx.codes.removeOf(before.id, 'sign_in')
    if (account.email !== null) await mail.post(tx, account.id, { template: 'password-changed', to: account.email, params: { username: account.username } })
    // Last, because it is no edit: tokens minted elsewhere count from here on.
    return await tx.users.update(account.id, { revokedAt: now })
  }

  /** What is wrong with a new password, told of the field it came in. */
  const judged = (next: string, owner: Account): FieldError[] => passwords.judge(next, owner).map((finding) => ({ ...finding, field: 'newPassword' }))

  return {
    /** Throws `invalid` (`password`, `newPassword`) with everything found, or `throttled`. */
    async change (account: Account, { current, next, address, kept = 0 }: Change, family: string): Promise<void> {
      const attempt = limits.signIn({ account: account.id, address })
      const isMatch = await passwords.matches(account.passwordHash, current)
      if (isMatch) attempt.succeeded()
      refuse([...isMatch ? [] : [{ field: 'password', code: 'password_wrong' } as const], ...judged(next, account)])
      const passwordHash = await passwords.hash(next)
      await db.write(async (tx) => {
        const before = await tx.users.find(account.id)
        if (before === undefined || before.passwordHash !== account.passwordHash) throw new AppError('invalid', { fields: [{ field: 'password', code: 'password_wrong' }] })
        await store(tx, before, { passwordHash }, kept, family)
      })
    },

    /** Mails a code if there is such an account; from the outside it is the same either way. Throws `throttled`. */
    async recover (email: string, address: string): Promise<void> {
      limits.code({ email, address })
      await db.write((tx) => mail.enquire(tx, { enquiry: 'reset_password', of: email }))
    },

    /** `then` runs in the same transaction. Throws `invalid` (`code`, `newPassword`, `otp`); the code counts on until it is used rightly. `throttled`. */
    async reset<T> ({ code, next, otp, address }: Reset, family: string, then: (tx: Queries, account: Account) => Promise<T>): Promise<T> {
      const found = await codes.find(db.read, code, 'reset_password')
      const owner = found && await db.read.users.find(found.userId)
      if (owner?.isActive !== true) throw codeInvalid()
      refuse(judged(next, owner))
      // The code of the second factor is what can still be guessed here.
      const attempt = limits.signIn({ account: owner.id, address })
      const passwordHash = await passwords.hash(next)
      const result = await db.write(async (tx) => {
        const spent = await codes.spend(tx, code, 'reset_password')
        const before = spent && await tx.users.find(spent.userId)
        if (before?.isActive !== true || before.email !== spent?.email) throw codeInvalid()
        await secondFactor.prove(tx, before.id, otp)
        return await then(tx, await store(tx, before, { passwordHash, emailConfirmed: true }, 0, family))
      })
      attempt.succeeded()
      return result
    },
  }
}

export type PasswordChange = ReturnType<typeof createPasswordChange>
