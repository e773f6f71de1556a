import { randomBytes } from 'node:crypto'
import type { Database, Queries, UserRow } from '../../db/index.ts'
import { isStorable } from '../../texts/storable.ts'
import { AppError } from '../errors.ts'
import { FIELDS } from '../fields/index.ts'
import type { IsReserved } from '../fields/reserved.ts'
import { isEmail, isUsername } from '../formats.ts'
import { holderOfEmail } from '../mail/emails.ts'
import type { Credential } from './index.ts'
import { isCompactJws, isTime } from './tokens.ts'

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
  isReserved: IsReserved
}

/** Where the name of a newcomer begins who brings none. */
const NAMELESS = 'user'
const SUFFIX_BYTES = 4
/** How far its clock may be ahead of ours. */
const AHEAD_S = 5

/** The accounts behind the tokens of another issuer: `sub` is the foreign id. */
export function createSubjects ({ db, issuer, provision, isReserved }: Needs) {
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
      const person = { username: await freeUsername(tx, payload, isReserved), email, emailConfirmed: email !== null, extId }
      const at = Date.now()
      const row = await tx.users.insert({ ...person, passwordHash: null, createdAt: at, updatedAt: at })
      await tx.changes.insert({ userId: row.id, actorId: null, family: 'issuer', verb: 'created', fields: Object.keys(person), dropped: [], version: row.version, at })
      return row
    })
  }

  return {
    isNamedBy: issuer.isNamedBy,

    /** Whom a token names, whether it still counts or not. Throws `token_invalid`, `account_unknown`, `unavailable`. */
    async identify (token: string): Promise<Credential> {
      const payload = await verified(token)
      const { sub, exp, iat } = payload
      const isDated = isTime(exp) && (iat === undefined || (isTime(iat) && iat <= Date.now() / 1000 + AHEAD_S))
      if (!isExtId(sub) || !isDated) throw new AppError('token_invalid')
      const account = await db.read.users.findByExtId(sub) ?? (provision ? await welcome(sub, payload) : undefined)
      if (account === undefined) throw new AppError('account_unknown')
      // A token that does not say when it was issued may be older than any revocation.
      const issuedAt = iat === undefined ? -Infinity : (iat - AHEAD_S) * 1_000
      return { kind: 'token', id: account.id, userId: account.id, shownAt: Date.now(), issuedAt, subject: sub }
    },
  }
}

export type Subjects = ReturnType<typeof createSubjects>

function isExtId (sub: unknown): sub is string {
  return typeof sub === 'string' && sub !== '' && [...sub].length <= FIELDS.extId.max && isStorable(sub)
}

/** The address, when the issuer has confirmed it and nobody here has it: an account is never found by its address. */
async function freeEmail (tx: Queries, { email, email_verified: isVerified }: Payload): Promise<string | null> {
  const isGood = isVerified === true && typeof email === 'string' && email.length <= FIELDS.email.max && isEmail(email)
  return isGood && await holderOfEmail(tx, email) === undefined ? email : null
}

/** The preferred name when it can be had, else one that begins like it, or if it means something else already a plain one. Names are public and addresses are not: of an address only what stands before the `@`. */
async function freeUsername (tx: Queries, { preferred_username: preferred }: Payload, isReserved: IsReserved): Promise<string> {
  const name = typeof preferred === 'string' && isEmail(preferred) ? preferred.slice(0, preferred.lastIndexOf('@')) : preferred
  const isGood = typeof name === 'string' && name.length <= FIELDS.username.max && isUsername(name) && !isReserved(name)
  const stem = isGood ? name : NAMELESS
  const start = stem.slice(0, FIELDS.username.max - 2 * SUFFIX_BYTES - 1)
  for (let candidate = isGood ? stem : longer(start); ; candidate = longer(start)) {
    if (await tx.users.holderOf({ username: candidate }) === undefined) return candidate
  }
}

const longer = (start: string): string => `${start}-${randomBytes(SUFFIX_BYTES).toString('hex')}`
