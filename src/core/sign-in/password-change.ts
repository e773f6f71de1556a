import type { Account, Database, Queries } from '../../db/index.ts'
import { ownAccount, reached } from '../access.ts'
import type { Actor, Person } from '../access.ts'
import { endCredentials } from '../credentials/index.ts'
import { AppError, refuse } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import { FREE } from '../limits/index.ts'
import type { Limits } from '../limits/index.ts'
import { networkOf } from '../limits/network.ts'
import { OPERATORS } from '../limits/places.ts'
import { isHeld } from '../mail/emails.ts'
import type { Mail } from '../mail/index.ts'
import { audit } from '../people/audit.ts'
import { requireVersion, revise } from '../people/revision.ts'
import type { IfMatch, WriteOptions } from '../people/revision.ts'
import { codeInvalid } from './codes.ts'
import type { Codes } from './codes.ts'
import type { Passwords } from './passwords.ts'
import { isAskedForProof } from './proof.ts'
import type { Proof } from './proof.ts'

interface Needs { db: Database, passwords: Passwords, codes: Codes, mail: Mail, limits: Limits, proof: Proof }

export interface Change {
  /** Not asked for where fresh proof is. */
  current?: string | undefined
  next: string
  /** Whether all API tokens end as well. */
  endTokens?: boolean | undefined
  /** Where it is done from, for the limit of guesses. */
  address: string
}

export interface Reset { code: string, next: string, otp?: string | undefined, address: string }

/** A new password, by the old one or by a mailed code. It ends the sessions that the old one opened. */
export function createPasswordChange ({ db, passwords, codes, mail, limits, proof }: Needs) {
  interface Reason { actorId: number | null, family: string, address?: string }

  async function store (tx: Queries, before: Account, values: { passwordHash: string, emailConfirmed?: true }, ends: { kept?: number, tokens: boolean }, reason: Reason): Promise<Account> {
    const { account } = await revise(tx, before, values, reason)
    await tx.codes.removeOf(before.id, 'reset_password')
    await tx.codes.removeOf(before.id, 'sign_in')
    if (account.email !== null) await mail.post(tx, account.id, { template: 'password-changed', to: account.email, params: { username: account.username } })
    return await endCredentials(tx, account.id, ends)
  }

  /** What is wrong with a new password, told of the field it came in. */
  const judged = (next: string, owner: Account, field = 'newPassword'): FieldError[] => passwords.judge(next, owner).map((finding) => ({ ...finding, field }))

  return {
    /**
     * The session that asks stays, the others end. Throws `invalid` (`password`, `newPassword`) with everything found, `throttled`,
     * `precondition_failed`, and what `asOfNow` throws.
     */
    async change (person: Person, { current = '', next, endTokens = false, address }: Change, { family, ifMatch }: WriteOptions): Promise<void> {
      const attempt = isAskedForProof(person) ? undefined : await limits.signIn({ account: person.id, address })
      const findings = judged(next, await ownAccount(db.read, person))
      const kept = person.credential?.kind === 'session' ? person.credential.id : 0
      let passwordHash = ''
      const ready = async () => {
        await attempt?.succeeded()
        refuse(findings)
        passwordHash ||= await passwords.hash(next, person.id)
      }
      const work = async (tx: Queries) => {
        const before = await ownAccount(tx, person)
        requireVersion(before, ifMatch)
        await store(tx, before, { passwordHash }, { kept, tokens: endTokens }, { actorId: person.id, family, address })
      }
      if (attempt !== undefined) return await proof.ofPassword({ ...proof.ownPassword(person, current, findings), ready }, work)
      await ready()
      await db.write(work)
    },

    /** As the operator, who need not know the old one. Ends all sessions and API tokens. Throws `invalid` (`password`) and `not_found`. */
    async set (id: number, next: string, { family }: WriteOptions): Promise<void> {
      const find = async (rows: Queries): Promise<Account> => {
        const account = await rows.users.find(id)
        if (account === undefined) throw new AppError('not_found')
        return account
      }
      refuse(judged(next, await find(db.read), 'password'))
      const passwordHash = await passwords.hash(next, OPERATORS)
      await db.write(async (tx) => { await store(tx, await find(tx), { passwordHash }, { tokens: true }, { actorId: null, family }) })
    },

    /** Mails a code if there is such an account; from the outside it is the same either way. Throws `throttled`. */
    async recover (email: string, address: string): Promise<void> {
      await limits.code({ email, address })(() => db.write((tx) => mail.enquire(tx, { enquiry: 'reset_password', of: email })))
    },

    /**
     * Mails a code to somebody within reach. Throws `invalid` where no code would count (`email`: there is none, or it is held;
     * `isActive`), `throttled`, `not_found`, `permission_denied`, `precondition_failed`, and what `asOfNow` throws.
     */
    async mailTo (actor: Actor, id: number, ifMatch?: IfMatch): Promise<void> {
      const { before: { email: asked } } = await reached(db.read, actor, id)
      const spending = asked === null ? FREE : limits.code({ email: asked, person: id })
      await spending(() => db.write(async (tx) => {
        const { before } = await reached(tx, actor, id)
        const { username, email } = before
        if (email === null) return refuse([{ field: 'email', code: 'required' }])
        if (!before.isActive) refuse([{ field: 'isActive', code: 'invalid_value' }])
        if (isHeld(before)) refuse([{ field: 'email', code: 'code_confirms_only' }])
        requireVersion(before, ifMatch)
        const code = await codes.issue(tx, { userId: id, purpose: 'reset_password', email })
        await mail.post(tx, id, { template: 'reset-password', to: email, params: { username, code } })
        await audit(tx, actor, { noun: 'password code', verb: 'created', person: id })
      }))
    },

    /**
     * Ends all sessions and API tokens; `then` runs in the same transaction. Throws `invalid` (`code`, `newPassword`, `otp`); the
     * code counts on until it is used rightly. `throttled`, `precondition_failed`.
     */
    async reset<T> ({ code, next, otp, address }: Reset, { family, ifMatch }: WriteOptions, then: (tx: Queries, account: Account) => Promise<T>): Promise<T> {
      const found = await codes.find(db.read, code, 'reset_password')
      const owner = found && await db.read.users.find(found.userId)
      if (owner?.isActive !== true || isHeld(owner)) throw codeInvalid()
      refuse(judged(next, owner))
      // The code of the second factor is what can still be guessed here.
      const attempt = await limits.signIn({ account: owner.id, address })
      const passwordHash = await passwords.hash(next, networkOf(address))
      const result = await db.write(async (tx) => {
        const spent = await codes.spend(tx, code, 'reset_password')
        const before = spent && await tx.users.find(spent.userId)
        if (before?.isActive !== true || before.email !== spent?.email || isHeld(before)) throw codeInvalid()
        await proof.ofSecondFactor(tx, before.id, otp)
        requireVersion(before, ifMatch)
        return await then(tx, await store(tx, before, { passwordHash, emailConfirmed: true }, { tokens: true }, { actorId: before.id, family, address }))
      })
      await attempt.succeeded()
      return result
    },
  }
}
