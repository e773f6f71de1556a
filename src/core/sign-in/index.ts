import type { Database } from '../../db/open.ts'
import type { UserRow } from '../../db/users.ts'
import type { Begin, Origin } from '../credentials/sessions.ts'
import { AppError, refuse } from '../errors.ts'
import type { Limits } from '../limits/index.ts'
import { networkOf } from '../limits/network.ts'
import { isHeld } from '../mail/emails.ts'
import type { Emails } from '../mail/emails.ts'
import type { WriteOptions } from '../people/revision.ts'
import { codeInvalid } from './codes.ts'
import type { Codes } from './codes.ts'
import type { Proof } from './proof.ts'

/** Exactly one of them; `name` is either of the two, and of an address only its owner is meant. */
export interface Login { email?: string, username?: string, name?: string }

/** What goes with a password or a code: where it comes from, and the second factor's code. */
type Company = Origin & { otp?: string | undefined }

interface Needs { db: Database, proof: Proof, codes: Codes, emails: Emails, limits: Limits }

/** The ways to prove who one is; `start` opens the session in the same transaction. */
export function createSignIn ({ db, proof, codes, emails, limits }: Needs) {
  async function find ({ email, username, name = '' }: Login): Promise<UserRow | undefined> {
    const { findByEmail, findByUsername } = db.read.users
    if (email !== undefined) return await findByEmail(email)
    // A username may look like an address: nobody is kept out by somebody who took theirs for a name.
    return username === undefined && name.includes('@') ? await findByEmail(name) ?? await findByUsername(name) : await findByUsername(username ?? name)
  }

  /** Unknown, inactive or the wrong password: `bad_credentials`, at the same cost. `invalid` (`otp`) when the second factor is missing or wrong; `throttled`. */
  async function byPassword<T> (login: Login, password: string, { otp, ...origin }: Company, start: Begin<T>): Promise<T> {
    // By what was typed: were it by whose it is, using one name up would tell which address belongs to it.
    const attempt = limits.signIn({ account: login.email ?? login.username ?? login.name ?? '', address: origin.address })
    const wrong = () => new AppError('bad_credentials')
    const result = await proof.ofPassword({ find: () => find(login), password, who: networkOf(origin.address), wrong }, async (tx, person) => {
      if (!person.isActive) throw wrong()
      await proof.ofSecondFactor(tx, person.id, otp)
      return await start(tx, person, origin)
    })
    attempt.succeeded()
    return result
  }

  return {
    byPassword,

    /** By a code that was mailed. Throws `invalid` (`code`, `otp`), `throttled`. */
    async byCode<T> (code: string, { otp, ...origin }: Company, start: Begin<T>): Promise<T> {
      const found = await codes.find(db.read, code, 'sign_in')
      const attempt = limits.signIn({ account: found?.userId ?? code, address: origin.address })
      const result = await db.write(async (tx) => {
        const spent = await codes.spend(tx, code, 'sign_in')
        const person = spent && await tx.users.findRow(spent.userId)
        if (person?.isActive !== true || person.email !== spent?.email || isHeld(person)) throw codeInvalid()
        await proof.ofSecondFactor(tx, person.id, otp)
        return await start(tx, person, origin)
      })
      attempt.succeeded()
      return result
    },

    /** By the code that confirms an address, once; of one that nobody has proved to own yet it confirms alone. Throws `invalid` (`code`, `otp`), `throttled`, `precondition_failed`. */
    async byConfirming<T> (code: string, { otp, ...origin }: Company, options: WriteOptions, start: Begin<T>): Promise<T> {
      const found = await codes.find(db.read, code, 'confirm_email')
      const attempt = limits.signIn({ account: found?.userId ?? code, address: origin.address })
      const result = await emails.confirm(code, options, async (tx, account) => {
        if (!account.isActive) throw codeInvalid()
        if (isHeld(account)) refuse([{ field: 'code', code: 'code_confirms_only' }])
        await proof.ofSecondFactor(tx, account.id, otp)
        return await start(tx, account, origin)
      })
      attempt.succeeded()
      return result
    },
  }
}

export type SignIn = ReturnType<typeof createSignIn>
