import type { Queries, SecondFactorRow } from '../../db/index.ts'
import { refuse } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import type { Seal } from '../seal/index.ts'

/** One-time codes by the clock (RFC 6238), handed in. */
export interface Authenticator {
  newSecret: () => string
  /** The `otpauth:` address that an authenticator app reads. */
  uriOf: (secret: string, username: string) => string
  /** The time step whose code this is, a step more or less allowed; undefined for none. */
  stepOf: (secret: string, code: string) => number | undefined
}

/** As what a recovery code is stored. */
export const hashOfRecoveryCode = (seal: Seal, code: string): string => seal.hash(`recovery ${code.toLowerCase().replace(/[^0-9a-f]/g, '')}`)

/** The codes of a second factor: those of the clock, and those for recovery. */
export function createOneTimeCodes ({ seal, authenticator }: { seal: Seal, authenticator: Authenticator }) {
  /** Takes a code of either kind, once. False when it is wrong, was taken before, or belongs to a factor that is not on. */
  async function take (tx: Queries, factor: SecondFactorRow | undefined, otp: string): Promise<boolean> {
    if (factor === undefined || factor.confirmedAt === null) return false
    const step = authenticator.stepOf(seal.open(factor.secret), otp)
    if (step === undefined || step <= factor.lastStep) return await tx.secondFactors.spendRecoveryCode(factor.userId, hashOfRecoveryCode(seal, otp))
    await tx.secondFactors.took(factor.userId, step)
    return true
  }

  /** What is wrong with the code when a factor is on: it is missing, wrong, or was taken before. */
  async function findingsOfSecondFactor (tx: Queries, userId: number, otp: string | undefined): Promise<FieldError[]> {
    const factor = await tx.secondFactors.find(userId)
    if (factor === undefined || factor.confirmedAt === null) return []
    if (!otp) return [{ field: 'otp', code: 'second_factor_required' }]
    return await take(tx, factor, otp) ? [] : [{ field: 'otp', code: 'second_factor_invalid' }]
  }

  /** Throws `invalid` (`otp`) with them. */
  async function ofSecondFactor (tx: Queries, userId: number, otp: string | undefined): Promise<void> {
    refuse(await findingsOfSecondFactor(tx, userId, otp))
  }

  return { take, findingsOfSecondFactor, ofSecondFactor }
}
