import type { Database, Queries, UserRow } from '../../db/index.ts'
import { asOfNow } from '../access.ts'
import type { Actor, Person, WriteGuard } from '../access.ts'
import { requireSession } from '../credentials/keys.ts'
import { AppError, refuse } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import type { Limits } from '../limits/index.ts'
import type { Waiting } from '../limits/places.ts'
import type { Seal } from '../seal/index.ts'
import { createOneTimeCodes } from './one-time-codes.ts'
import type { Authenticator } from './one-time-codes.ts'
import type { Passwords } from './passwords.ts'

interface Needs { db: Database, seal: Seal, passwords: Passwords, limits: Limits, authenticator: Authenticator }

/** By what somebody proves once more who they are, and where it comes from, for the limit of guesses. */
export interface Shown {
  password?: string | undefined
  otp?: string | undefined
  address: string
}

export interface Attempt {
  find: () => Promise<UserRow | undefined>
  /** The same person in the transaction. Absent: as for everybody who is not deleted. */
  findNow?: (tx: Queries, id: number) => Promise<UserRow | undefined>
  password: string
  /** Who waits while it is compared. */
  who: Waiting
  /** What is thrown when it is not theirs. */
  wrong: () => AppError
  /** Runs once it is theirs, before the transaction. */
  ready?: () => Promise<void>
}

/** A hash changes while it is compared when another sign-in upgrades it, and at once a second time hardly ever. */
const TRIES = 3

/** How long a proof counts. */
const PROOF_MS = 10 * 60_000

/** Throws `proof_required` unless somebody has proved lately, in the session that is shown, who they are. What belongs to no session has no proof; the operator needs none. */
export async function requireProof (rows: Queries, { id, credential }: Pick<Actor, 'id' | 'credential'>): Promise<void> {
  if (id === null) return
  const session = credential?.kind === 'session' ? await rows.sessions.find(credential.id) : undefined
  if ((session?.provenUntil ?? 0) <= Date.now()) throw new AppError('proof_required')
}

/** The same as a guard: whoever is asked this need not show a password or a code to the verb that asks it. */
export const freshProof: WriteGuard = (_now, rows, actor) => requireProof(rows, actor)
export const isAskedForProof = ({ guards }: Actor): boolean => guards.includes(freshProof)

/** What proves who somebody is: a password, and the code of a second factor. */
export function createProof ({ db, seal, passwords, limits, authenticator }: Needs) {
  const { take, findingsOfSecondFactor, ofSecondFactor } = createOneTimeCodes({ seal, authenticator })

  /** Runs `work` in a transaction in which the password is still the one that was compared. One that is stored in an old way is stored anew. */
  async function ofPassword<T> ({ find, findNow = (tx, id) => tx.users.findRow(id), password, who, wrong, ready = async () => {} }: Attempt, work: (tx: Queries, person: UserRow) => Promise<T>): Promise<T> {
    for (let tries = 0; tries < TRIES; tries++) {
      const person = await find()
      const match = await passwords.compare(person?.passwordHash, password, who)
      if (person === undefined || match === undefined || !person.isActive) throw wrong()
      await ready()
      const done = await db.write(async (tx) => {
        const now = await findNow(tx, person.id)
        if (now?.passwordHash !== person.passwordHash) return undefined
        if (match.upgraded !== undefined) await tx.users.update(person.id, { passwordHash: match.upgraded })
        return { value: await work(tx, now) }
      })
      if (done !== undefined) return done.value
    }
    throw wrong()
  }

  const ownPassword = (person: Person, password: string, findings: readonly FieldError[] = []): Attempt => ({
    find: () => asOfNow(db.read, person),
    password,
    who: person.id,
    wrong: () => new AppError('invalid', { fields: [...findings, { field: 'password', code: 'password_wrong' }] }),
  })

  /** For whom a guard asks for proof instead. */
  const asGuarded = <T>(person: Person, work: (tx: Queries, now: UserRow) => Promise<T>): Promise<T> => db.write(async (tx) => await work(tx, await asOfNow(tx, person)))

  /** The password or the code, whichever is shown; `errors` are what the family has found already, and are thrown together with what is wrong here. Throws as `both` does. */
  async function either<T> (person: Person, { password, otp, address }: Shown, errors: readonly FieldError[], work: (tx: Queries, now: UserRow) => Promise<T>): Promise<T> {
    if (isAskedForProof(person)) {
      return await asGuarded(person, async (tx, now) => {
        refuse(errors)
        return await work(tx, now)
      })
    }
    const attempt = await limits.signIn({ account: person.id, address })
    const isJudged = errors.some(({ field }) => field === 'password' || field === 'otp')
    if (password === undefined && otp === undefined) refuse([...errors, ...isJudged ? [] : [{ field: 'password', code: 'required' } as const]])
    let isRight = false
    const proved = async (tx: Queries) => {
      const now = await asOfNow(tx, person)
      isRight = otp === undefined || await take(tx, await tx.secondFactors.find(person.id), otp)
      refuse([...errors, ...isRight ? [] : [{ field: 'otp', code: 'second_factor_invalid' } as const]])
      return await work(tx, now)
    }
    try {
      return await (password === undefined ? db.write(proved) : ofPassword(ownPassword(person, password, errors), proved))
    } finally {
      // Whatever else was wrong.
      if (isRight) await attempt.succeeded()
    }
  }

  return {
    ofPassword,
    findingsOfSecondFactor,
    ofSecondFactor,
    ownPassword,

    /** The password, where there is one, and the code, where a factor is on. Until both are right every try counts as a guess. Throws `invalid` (`password`, `otp`), `throttled`, and what `asOfNow` throws. */
    async both<T> (person: Person, { password = '', otp, address }: Shown, work: (tx: Queries) => Promise<T>): Promise<T> {
      if (isAskedForProof(person)) return await asGuarded(person, work)
      const attempt = await limits.signIn({ account: person.id, address })
      const proved = async (tx: Queries) => {
        await asOfNow(tx, person)
        await ofSecondFactor(tx, person.id, otp)
        return await work(tx)
      }
      const { passwordHash } = await asOfNow(db.read, person)
      const result = await (passwordHash === null ? db.write(proved) : ofPassword(ownPassword(person, password), proved))
      await attempt.succeeded()
      return result
    },

    either,

    /** `proof_required` unless the session is proven as of now; asked before a body is read. */
    require: (person: Actor): Promise<void> => requireProof(db.read, person),

    /**
     * Proves once more who is in the session, by the password, or by a code where a second factor is on. It counts for ten minutes, until
     * the time in milliseconds that this resolves to. Throws as `either` does, and `permission_denied` outside of a session.
     */
    async prove (person: Person, shown: Shown): Promise<number> {
      const session = requireSession(person)
      return await either(person, shown, [], async (tx) => {
        if (shown.otp === undefined) await ofSecondFactor(tx, person.id, undefined)
        const until = Date.now() + PROOF_MS
        await tx.sessions.prove(session, until)
        return until
      })
    },
  }
}

export type Proof = ReturnType<typeof createProof>
