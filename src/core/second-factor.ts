import { randomBytes } from 'node:crypto'
import type { Database, Queries } from '../db/open.ts'
import type { Account } from '../db/users.ts'
import { AppError } from './errors.ts'
import type { Limits } from './limits.ts'
import type { Mail } from './mail.ts'
import type { Passwords } from './passwords.ts'
import type { Seal } from './seal.ts'

/** One-time codes by the clock (RFC 6238), handed in. */
export interface Authenticator {
  newSecret: () => string
  /** The `otpauth:` address that an authenticator app reads. */
  uriOf: (secret: string, username: string) => string
  /** The time step whose code this is, a step more or less allowed; undefined for none. */
  stepOf: (secret: string, code: string) => number | undefined
}

interface Needs { db: Database, seal: Seal, mail: Mail, passwords: Passwords, limits: Limits, authenticator: Authenticator }

/** What turning it on or off takes. */
interface Proof {
  password?: string | undefined
  otp?: string | undefined
  /** Where it comes from, for the limit of guesses. */
  address: string
}

const RECOVERY_CODES = 10
const RECOVERY_BYTES = 8

/** A code beside the password. Off until a person turns it on by proving that their authenticator works. */
export function createSecondFactor ({ db, seal, mail, passwords, limits, authenticator }: Needs) {
  const hashOf = (code: string) => seal.hash(`recovery ${code.toLowerCase().replace(/[^0-9a-f]/g, '')}`)

  async function isOn (rows: Queries, userId: number): Promise<boolean> {
    const factor = await rows.secondFactors.find(userId)
    return factor !== undefined && factor.confirmedAt !== null
  }

  /** Throws `invalid` (`otp`) when a factor is on and the code is missing, wrong, or was taken before. Either kind of code counts once. */
  async function prove (tx: Queries, userId: number, otp: string | undefined): Promise<void> {
    const factor = await tx.secondFactors.find(userId)
    if (factor === undefined || factor.confirmedAt === null) return
    if (!otp) throw wrong('second_factor_required')
    const step = authenticator.stepOf(seal.open(factor.secret), otp)
    if (step !== undefined && step > factor.lastStep) await tx.secondFactors.took(userId, step)
    else if (!await tx.secondFactors.spendRecoveryCode(userId, hashOf(otp))) throw wrong('second_factor_invalid')
  }

  async function tell (tx: Queries, { id, email, username }: Account): Promise<void> {
    if (email !== null) await mail.post(tx, id, { template: 'second-factor-changed', to: email, params: { username } })
  }

  /** Runs `work` once password and code are right; until then every try counts as a guess. */
  async function proved (account: Account, { password, otp, address }: Proof, work: (tx: Queries) => Promise<void>): Promise<void> {
    const attempt = limits.signIn({ account: account.id, address })
    const isMatch = account.passwordHash === null || await passwords.matches(account.passwordHash, password ?? '')
    if (!isMatch) throw new AppError('invalid', { fields: [{ field: 'password', code: 'password_wrong' }] })
    await db.write(async (tx) => {
      await prove(tx, account.id, otp)
      await work(tx)
    })
    attempt.succeeded()
  }

  return {
    prove,
    isOn: (userId: number): Promise<boolean> => isOn(db.read, userId),

    /** A new secret for an authenticator; it counts from `confirm` on. A factor that is on already has to be proved. */
    async begin (account: Account, proof: Proof): Promise<{ secret: string, uri: string }> {
      const secret = authenticator.newSecret()
      await proved(account, proof, async (tx) => {
        await tx.secondFactors.remove(account.id)
        await tx.secondFactors.replace({ userId: account.id, secret: seal.close(secret), createdAt: Date.now() })
      })
      return { secret, uri: authenticator.uriOf(secret, account.username) }
    },

    /** Turns it on. Resolves to the recovery codes, which are shown this once. Throws `invalid` (`otp`). */
    async confirm (account: Account, otp: string): Promise<string[]> {
      const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode)
      await db.write(async (tx) => {
        const factor = await tx.secondFactors.find(account.id)
        const step = factor?.confirmedAt === null ? authenticator.stepOf(seal.open(factor.secret), otp) : undefined
        if (step === undefined) throw wrong('second_factor_invalid')
        await tx.secondFactors.confirm(account.id, Date.now())
        await tx.secondFactors.took(account.id, step)
        await tx.secondFactors.replaceRecoveryCodes(account.id, codes.map(hashOf))
        await tell(tx, account)
      })
      return codes
    },

    /** Turns it off. Throws `invalid` (`password`, `otp`), `throttled`. */
    async end (account: Account, proof: Proof): Promise<void> {
      await proved(account, proof, async (tx) => {
        const wasOn = await isOn(tx, account.id)
        await tx.secondFactors.remove(account.id)
        if (wasOn) await tell(tx, account)
      })
    },
  }
}

function newRecoveryCode (): string {
  const digits = randomBytes(RECOVERY_BYTES).toString('hex')
  return digits.match(/.{4}/g)?.join('-') ?? digits
}

const wrong = (code: 'second_factor_required' | 'second_factor_invalid') => new AppError('invalid', { fields: [{ field: 'otp', code }] })

export type SecondFactor = ReturnType<typeof createSecondFactor>
