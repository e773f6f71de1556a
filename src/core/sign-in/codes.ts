import { randomInt } from 'node:crypto'
import type { CodeRow, Purpose, Queries } from '../../db/index.ts'
import { AppError } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import type { Seal } from '../seal/index.ts'

// Without the letters and digits that are taken for one another.
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const HALF = 5
/** How long a code counts, in seconds. */
export const CODE_TTL: Record<Purpose, number> = {
  confirm_email: 3 * 86_400,
  change_email: 86_400,
  revert_email: 7 * 86_400,
  reset_password: 3_600,
  sign_in: 300,
}

/**
 * Codes that prove who reads an address: `ABCDE-FGHJK`, 50 random bits, so that a code alone names its row and guessing is
 * hopeless within its life. Each counts once, and a newer one ends an older one for the same purpose; but those that take a change
 * of address back count side by side, or the next change would take the way back from the first.
 */
export function createCodes ({ seal }: { seal: Seal }) {
  const hashOf = (code: string) => seal.hash(`code ${code.toUpperCase().replace(/[^A-Z0-9]/g, '')}`)

  async function find (rows: Queries, code: string, purpose: Purpose): Promise<CodeRow | undefined> {
    const row = await rows.codes.findByHash(hashOf(code))
    return row?.purpose === purpose && row.expiresAt > Date.now() ? row : undefined
  }

  return {
    /** As what a code is stored. */
    hashOf,

    /** A code for an address of the person, as it is to be mailed. */
    async issue (tx: Queries, { userId, purpose, email }: Pick<CodeRow, 'userId' | 'purpose' | 'email'>): Promise<string> {
      const code = newCode()
      if (purpose !== 'revert_email') await tx.codes.removeOf(userId, purpose)
      await tx.codes.insert({ userId, purpose, email, hash: hashOf(code), expiresAt: Date.now() + CODE_TTL[purpose] * 1000 })
      return code
    },

    /** Whether the code counts, without spending it. */
    find,

    /** The row of a code that counts; it never counts again. Undefined: unknown, spent, expired or for something else. */
    async spend (tx: Queries, code: string, purpose: Purpose): Promise<CodeRow | undefined> {
      const row = await find(tx, code, purpose)
      if (row !== undefined) await tx.codes.remove(row.id)
      return row
    },
  }
}

/** When a code was made, in milliseconds. */
export const issuedAt = ({ purpose, expiresAt }: CodeRow): number => expiresAt - CODE_TTL[purpose] * 1_000

/** What is thrown where a code does not count; why not is nobody's business. `beside`: what is wrong with the rest. */
export const codeInvalid = (beside: readonly FieldError[] = []) => new AppError('invalid', { fields: [...beside.filter(({ field }) => field !== 'code'), { field: 'code', code: 'code_invalid' }] })

/** A code as it is mailed. */
export const newCode = (): string => `${letters()}-${letters()}`

const letters = (): string => Array.from({ length: HALF }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')

export type Codes = ReturnType<typeof createCodes>
