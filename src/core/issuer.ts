import { randomBytes } from 'node:crypto'
import type { Database, Queries } from '../db/open.ts'
import type { UserRow } from '../db/users.ts'
import { AppError } from './errors.ts'
import { FIELDS } from './fields.ts'
import { isEmail, isUsername } from './formats.ts'
import { SKEW_S, isCompactJws } from './tokens.ts'

type Payload = Record<string, unknown>

/** Another service whose tokens count, handed in. */
export interface Issuer {
  /** Whether a token says that it comes from there; nothing of it is verified yet. */
  isNamedBy: (token: string) => boolean
  /** What a genuine, current token says. Throws `unavailable` while that cannot be told, anything else when it does not count. */
  verify: (token: string) => Promise<Payload>
}

interface Needs {
  db: Database
  issuer: Issuer
  /** Whether a subject that is not known gets an account. */
  provision: boolean
}

/** Where the name of a newcomer begins who brings none. */
const NAMELESS = 'user'
const SUFFIX_BYTES = 4

/** The accounts behind the tokens of another issuer: `sub` is the foreign id. */
export function createSubjects ({ db, issuer, provision }: Needs) {
  async function verified (token: string): Promise<Payload> {
    if (!isCompactJws(token)) throw new AppError('token_invalid')
    try {
      return await issuer.verify(token)
    } catch (error) {
      if (error instanceof AppError) throw error
      throw new AppError('token_invalid', { cause: error })
    }
  }

  /** Two requests at once make one account; who was deleted softly comes back by an admin only. */
  async function welcome (extId: string, payload: Payload): Promise<UserRow> {
    return await db.write(async (tx) => {
      const known = await tx.users.findByExtId(extId)
      if (known !== undefined) return known
      if (await tx.users.holderOf({ extId }) !== undefined) throw new AppError('account_unknown')
      const email = await freeEmail(tx, payload)
      const person = { username: await freeUsername(tx, payload), email, emailConfirmed: email !== null, extId }
      const at = Date.now()
      const row = await tx.users.insert({ ...person, passwordHash: null, createdAt: at, updatedAt: at })
      await tx.changes.insert({ userId: row.id, actorId: null, family: 'issuer', fields: Object.keys(person), dropped: [], version: row.version, at })
      return row
    })
  }

  return {
    isNamedBy: issuer.isNamedBy,

    /** Throws `token_invalid`, `account_unknown`, `unavailable`. The account may be inactive. */
    async identify (token: string): Promise<UserRow> {
      const payload = await verified(token)
      const { sub, iat = -Infinity } = payload
      if (!isExtId(sub) || typeof iat !== 'number' || iat > Date.now() / 1000 + SKEW_S) throw new AppError('token_invalid')
      const account = await db.read.users.findByExtId(sub) ?? (provision ? await welcome(sub, payload) : undefined)
      if (account === undefined) throw new AppError('account_unknown')
      // A token that does not say when it was issued may be older than any revocation.
      if (account.revokedAt !== null && iat * 1000 <= account.revokedAt) throw new AppError('token_invalid')
      return account
    },
  }
}

export type Subjects = ReturnType<typeof createSubjects>

function isExtId (sub: unknown): sub is string {
  return typeof sub === 'string' && sub !== '' && [...sub].length <= FIELDS.extId.max && sub.isWellFormed() && !sub.includes('\0')
}

/** The address, when the issuer has confirmed it and nobody here has it: an account is never found by its address. */
async function freeEmail (tx: Queries, { email, email_verified: isVerified }: Payload): Promise<string | null> {
  const isGood = isVerified === true && typeof email === 'string' && email.length <= FIELDS.email.max && isEmail(email)
  return isGood && await tx.users.holderOf({ email }) === undefined ? email : null
}

/** The preferred name when it can be had, else one that begins like it. Names are public and addresses are not: of an address only what stands before the `@`. */
async function freeUsername (tx: Queries, { preferred_username: preferred }: Payload): Promise<string> {
  const name = typeof preferred === 'string' && isEmail(preferred) ? preferred.slice(0, preferred.lastIndexOf('@')) : preferred
  const isGood = typeof name === 'string' && name.length <= FIELDS.username.max && isUsername(name)
  const stem = isGood ? name : NAMELESS
  const start = stem.slice(0, FIELDS.username.max - 2 * SUFFIX_BYTES - 1)
  for (let candidate = isGood ? stem : longer(start); ; candidate = longer(start)) {
    if (await tx.users.holderOf({ username: candidate }) === undefined) return candidate
  }
}

const longer = (start: string): string => `${start}-${randomBytes(SUFFIX_BYTES).toString('hex')}`
