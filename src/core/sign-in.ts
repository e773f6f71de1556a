import type { Database, Queries } from '../db/open.ts'
import type { UserRow } from '../db/users.ts'
import { codeInvalid } from './codes.ts'
import type { Codes } from './codes.ts'
import type { Emails } from './emails.ts'
import { AppError } from './errors.ts'
import type { Limits } from './limits.ts'
import type { Passwords } from './passwords.ts'
import type { SecondFactor } from './second-factor.ts'
import type { Begin, Origin } from './sessions.ts'

/** Exactly one of them; `name` is either of the two, and of an address only its owner is meant. */
export interface Login { email?: string, username?: string, name?: string }

/** What goes with a password or a code: where it comes from, and the second factor's code. */
type Proof = Origin & { otp?: string | undefined }

interface Needs { db: Database, passwords: Passwords, codes: Codes, emails: Emails, secondFactor: SecondFactor, limits: Limits }

/** The ways to prove who one is; `start` opens the session in the same transaction. */
export function createSignIn ({ db, passwords, codes, emails, secondFactor, limits }: Needs) {
  async function find ({ email, username, name = '' }: Login): Promise<UserRow | undefined> {
    const { findByEmail, findByUsername } = db.read.users
    if (email !== undefined) return await findByEmail(email)
    // A username may look like an address: nobody is kept out by somebody who took theirs for a name.
    return username === undefined && name.includes('@') ? await findByEmail(name) ?? await findByUsername(name) : await findByUsername(username ?? name)
  }

  /** Unknown, inactive or the wrong password: `bad_credentials`, at the same cost. `invalid` (`otp`) when the second factor is missing or wrong; `throttled`. */
  async function byPassword<T> (login: Login, password: string, { otp, ...origin }: Proof, start: Begin<T>): Promise<T> {
    // By what was typed: were it by whose it is, using one name up would tell which address belongs to it.
    const attempt = limits.signIn({ account: login.email ?? login.username ?? login.name ?? '', address: origin.address })
    const person = await find(login)
    const isMatch = await passwords.matches(person?.passwordHash, password)
    if (person === undefined || !isMatch || !person.isActive) throw new AppError('bad_credentials')
    const passwordHash = await passwords.upgraded(person.passwordHash as string, password)
    const result = await db.write(async (tx) => {
      await requireUnchanged(tx, person)
      await secondFactor.prove(tx, person.id, otp)
      if (passwordHash !== undefined) await tx.users.update(person.id, { passwordHash })
      return await start(tx, person, origin)
    })
    attempt.succeeded()
    return result
  }

  return {
    byPassword,

    /** By a code that was mailed. Throws `invalid` (`code`, `otp`), `throttled`. */
    async byCode<T> (code: string, { otp, ...origin }: Proof, start: Begin<T>): Promise<T> {
      const found = await codes.find(db.read, code, 'sign_in')
      const attempt = limits.signIn({ account: found?.userId ?? code, address: origin.address })
      const result = await db.write(async (tx) => {
        const spent = await codes.spend(tx, code, 'sign_in')
        const person = spent && await tx.users.findRow(spent.userId)
        if (person?.isActive !== true || person.email !== spent?.email) throw codeInvalid()
        await secondFactor.prove(tx, person.id, otp)
        return await start(tx, person, origin)
      })
      attempt.succeeded()
      return result
    },

    /** By the code that confirms an address, once. Throws `invalid` (`code`, `otp`), `throttled`. */
    async byConfirming<T> (code: string, { otp, ...origin }: Proof, family: string, start: Begin<T>): Promise<T> {
      const found = await codes.find(db.read, code, 'confirm_email')
      const attempt = limits.signIn({ account: found?.userId ?? code, address: origin.address })
      const result = await emails.confirm(code, family, async (tx, account) => {
        if (!account.isActive) throw codeInvalid()
        await secondFactor.prove(tx, account.id, otp)
        return await start(tx, account, origin)
      })
      attempt.succeeded()
      return result
    },
  }
}

/** The row as it was when the password was compared, or somebody has changed it meanwhile. */
async function requireUnchanged (tx: Queries, person: UserRow): Promise<void> {
  const now = await tx.users.findRow(person.id)
  if (now?.isActive !== true || now.passwordHash !== person.passwordHash) throw new AppError('bad_credentials')
}

export type SignIn = ReturnType<typeof createSignIn>
