import { randomBytes } from 'node:crypto'
import type { Database, Queries, UserRow } from '../../db/index.ts'
import { ownAccount, reached } from '../access.ts'
import type { Actor, Person } from '../access.ts'
import { AppError, refuse } from '../errors.ts'
import type { Limits } from '../limits/index.ts'
import type { Mail } from '../mail/index.ts'
import { audit } from '../people/audit.ts'
import { requireVersion } from '../people/revision.ts'
import type { IfMatch } from '../people/revision.ts'
import type { Seal } from '../seal/index.ts'
import { hashOfRecoveryCode } from './one-time-codes.ts'
import type { Authenticator } from './one-time-codes.ts'
import type { Proof, Shown } from './proof.ts'

interface Needs { db: Database, seal: Seal, mail: Mail, limits: Limits, proof: Proof, authenticator: Authenticator }

const RECOVERY_CODES = 10
const RECOVERY_BYTES = 8

/** A code beside the password. Off until a person turns it on by proving that their authenticator works. */
export function createSecondFactor ({ db, seal, mail, limits, proof, authenticator }: Needs) {
  async function isOn (rows: Queries, userId: number): Promise<boolean> {
    const factor = await rows.secondFactors.find(userId)
    return factor !== undefined && factor.confirmedAt !== null
  }

  async function tell (tx: Queries, { id, email, username }: UserRow): Promise<void> {
    if (email !== null) await mail.post(tx, id, { template: 'second-factor-changed', to: email, params: { username } })
  }

  /** The secret that waits for its first right code. */
  async function pendingSecret (tx: Queries, userId: number): Promise<string | undefined> {
    const factor = await tx.secondFactors.find(userId)
    const sealed = factor?.confirmedAt === null ? factor.pending ?? factor.secret : factor?.pending
    return sealed ? seal.open(sealed) : undefined
  }

  const store = (tx: Queries, userId: number, codes: readonly string[]): Promise<void> =>
    tx.secondFactors.replaceRecoveryCodes(userId, codes.map((code) => hashOfRecoveryCode(seal, code)))

  async function turnOff (tx: Queries, by: Actor, account: UserRow): Promise<void> {
    const wasOn = await isOn(tx, account.id)
    await tx.secondFactors.remove(account.id)
    if (!wasOn) return
    await audit(tx, by, { noun: 'second factor', verb: 'removed', person: account.id })
    await tell(tx, account)
  }

  return {
    isOn: (userId: number): Promise<boolean> => isOn(db.read, userId),

    /** How many recovery codes are left. */
    recoveryCodesLeft: (userId: number): Promise<number> => db.read.secondFactors.countRecoveryCodes(userId),

    /** New recovery codes, which are shown this once; the old ones count no longer. Throws as `begin` does, and `not_found` where no factor is on. */
    async renewRecoveryCodes (person: Person, shown: Shown, ifMatch?: IfMatch): Promise<string[]> {
      const codes = newRecoveryCodes()
      await proof.both(person, shown, async (tx) => {
        const account = await ownAccount(tx, person)
        requireVersion(account, ifMatch)
        if (!await isOn(tx, account.id)) throw new AppError('not_found')
        await store(tx, account.id, codes)
        await audit(tx, person, { noun: 'second factor', verb: 'changed', person: account.id, fields: ['recoveryCodes'] })
      })
      return codes
    },

    /** A new secret for an authenticator; it counts from `confirm` on, and until then one that is on already does. Throws as `proof.both` does, and `precondition_failed`. */
    async begin (person: Person, shown: Shown, ifMatch?: IfMatch): Promise<{ secret: string, uri: string }> {
      const secret = authenticator.newSecret()
      return await proof.both(person, shown, async (tx) => {
        const account = await ownAccount(tx, person)
        requireVersion(account, ifMatch)
        await tx.secondFactors.propose({ userId: account.id, secret: seal.close(secret), createdAt: Date.now() })
        return { secret, uri: authenticator.uriOf(secret, account.username) }
      })
    },

    /** Turns it on. Resolves to the recovery codes, which are shown this once. Throws `invalid` (`otp`), `throttled`, `precondition_failed`, and what `asOfNow` throws. */
    async confirm (person: Person, { otp, address }: { otp: string, address: string }, ifMatch?: IfMatch): Promise<string[]> {
      // Who guessed it would hold the recovery codes.
      const attempt = await limits.signIn({ account: person.id, address })
      const codes = newRecoveryCodes()
      await db.write(async (tx) => {
        const account = await ownAccount(tx, person)
        const secret = await pendingSecret(tx, account.id)
        const step = secret === undefined ? undefined : authenticator.stepOf(secret, otp)
        if (step === undefined) return refuse([{ field: 'otp', code: 'second_factor_invalid' }])
        requireVersion(account, ifMatch)
        await tx.secondFactors.confirm(account.id, step, Date.now())
        await store(tx, account.id, codes)
        await audit(tx, person, { noun: 'second factor', verb: 'created', person: account.id })
        await tell(tx, account)
      })
      await attempt.succeeded()
      return codes
    },

    /** Turns it off. Throws as `begin` does. */
    async end (person: Person, shown: Shown, ifMatch?: IfMatch): Promise<void> {
      await proof.both(person, shown, async (tx) => {
        const account = await ownAccount(tx, person)
        requireVersion(account, ifMatch)
        await turnOff(tx, person, account)
      })
    },

    /** The same for somebody within reach who has lost it. Throws `not_found`, `permission_denied`, `precondition_failed`, and what `asOfNow` throws. */
    async reset (actor: Actor, id: number, ifMatch?: IfMatch): Promise<void> {
      await db.write(async (tx) => {
        const { before } = await reached(tx, actor, id)
        requireVersion(before, ifMatch)
        await turnOff(tx, actor, before)
      })
    },
  }
}

const newRecoveryCodes = (): string[] => Array.from({ length: RECOVERY_CODES }, newRecoveryCode)

function newRecoveryCode (): string {
  const digits = randomBytes(RECOVERY_BYTES).toString('hex')
  return digits.match(/.{4}/g)?.join('-') ?? digits
}
