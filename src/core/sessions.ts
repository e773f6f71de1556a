import { randomBytes } from 'node:crypto'
import type { Database, Queries } from '../db/open.ts'
import type { SessionRow } from '../db/sessions.ts'
import type { Account, UserRow } from '../db/users.ts'
import type { Codes } from './codes.ts'
import type { Emails } from './emails.ts'
import { AppError } from './errors.ts'
import type { Keys } from './keys.ts'
import type { Limits } from './limits.ts'
import type { Passwords } from './passwords.ts'
import type { SecondFactor } from './second-factor.ts'
import { readToken } from './tokens.ts'
import type { Signer } from './tokens.ts'

export interface TokenPair { access: string, refresh: string }

/** Where a sign-in comes from: what its owner will know the session by. */
export interface Origin { device: string, address: string }

/** Exactly one of them; `name` is either of the two, and of an address only its owner is meant. */
export interface Login { email?: string, username?: string, name?: string }

/** Opens a session in a transaction that is open already, for somebody who has just proved who they are. */
export type Begin<T> = (tx: Queries, person: { id: number }, origin: Origin) => Promise<T>

interface Needs {
  db: Database
  passwords: Passwords
  codes: Codes
  emails: Emails
  secondFactor: SecondFactor
  keys: Keys
  limits: Limits
  signer: Signer
  /** Lifetimes in seconds. */
  accessTtl: number
  refreshTtl: number
}

export function createSessions ({ db, passwords, codes, emails, secondFactor, keys, limits, signer, accessTtl, refreshTtl }: Needs) {
  const newId = () => randomBytes(16).toString('hex')

  function pair (userId: number, sid: number, refreshId: string, now: number): TokenPair {
    const iat = Math.floor(now / 1000)
    const claims = { user_id: userId, iat, sid }
    return {
      access: signer.sign({ ...claims, token_type: 'access', jti: newId(), exp: iat + accessTtl }),
      refresh: signer.sign({ ...claims, token_type: 'refresh', jti: refreshId, exp: iat + refreshTtl }),
    }
  }

  async function open (tx: Queries, { id: userId }: { id: number }, { device, address }: Origin): Promise<{ session: SessionRow, account: Account }> {
    const now = Date.now()
    const session = await tx.sessions.insert({ userId, refreshId: newId(), device, address, createdAt: now, expiresAt: now + refreshTtl * 1000 })
    await tx.presence.signedIn(userId, now)
    const account = await tx.users.find(userId)
    if (account === undefined) throw new AppError('bad_credentials')
    return { session, account }
  }

  /** A session that speaks by JSON Web Tokens. */
  const begin: Begin<TokenPair & { account: Account }> = async (tx, person, origin) => {
    const { session, account } = await open(tx, person, origin)
    return { ...pair(account.id, session.id, session.refreshId, session.createdAt), account }
  }

  /** A session that speaks by an API token of its own. */
  const beginWithKey: Begin<{ secret: string, account: Account }> = async (tx, person, origin) => {
    const { session, account } = await open(tx, person, origin)
    const { secret } = await keys.ofSession(tx, session)
    return { secret, account }
  }

  async function find ({ email, username, name = '' }: Login): Promise<UserRow | undefined> {
    const { findByEmail, findByUsername } = db.read.users
    if (email !== undefined) return await findByEmail(email)
    // A username may look like an address: nobody is kept out by somebody who took theirs for a name.
    return username === undefined && name.includes('@') ? await findByEmail(name) ?? await findByUsername(name) : await findByUsername(username ?? name)
  }

  /** Unknown, inactive or the wrong password: `bad_credentials`, at the same cost. `invalid` (`otp`) when the second factor is missing or wrong; `throttled`. */
  async function signIn<T> (login: Login, password: string, { otp, ...origin }: Origin & { otp?: string | undefined }, start: Begin<T>): Promise<T> {
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
    /** Seconds that an access token lives. */
    accessTtl,
    begin,
    beginWithKey,
    signIn,

    /** By a code that was mailed. Throws `invalid` (`code`, `otp`), `throttled`. */
    async signInByCode<T> (code: string, { otp, ...origin }: Origin & { otp?: string | undefined }, start: Begin<T>): Promise<T> {
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
    async signInByConfirming<T> (code: string, { otp, ...origin }: Origin & { otp?: string | undefined }, family: string, start: Begin<T>): Promise<T> {
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

    /** Trades an unspent refresh token for a new pair. A spent one ends the session: somebody has copied it. */
    async refresh (token: string): Promise<TokenPair> {
      const claims = readToken(signer, token, 'refresh')
      const now = Date.now()
      const refreshId = newId()
      const isRotated = await db.write(async (tx) => {
        const session = claims.sid === undefined ? undefined : await tx.sessions.find(claims.sid)
        const person = await tx.users.findRow(claims.user_id)
        if (session?.userId !== claims.user_id || session.revokedAt !== null || person?.isActive !== true) return false
        if (session.refreshId !== claims.jti) {
          await tx.sessions.revoke(session.id, now)
          return false
        }
        await tx.sessions.rotate(session.id, refreshId, now + refreshTtl * 1000)
        return true
      })
      if (!isRotated) throw new AppError('token_invalid')
      return pair(claims.user_id, claims.sid as number, refreshId, now)
    },

    /** Those that still count, the newest first. */
    list: (userId: number): Promise<SessionRow[]> => db.read.sessions.list(userId, Date.now()),

    /** Throws `not_found` when the person has no such session. */
    async revoke (userId: number, id: number): Promise<void> {
      const session = await db.read.sessions.find(id)
      const isRevoked = session?.userId === userId && await db.write((tx) => tx.sessions.revoke(id, Date.now()))
      if (!isRevoked) throw new AppError('not_found')
    },

    /** All sessions of a person, and whatever was minted elsewhere for them. */
    async revokeAll (userId: number): Promise<void> {
      const now = Date.now()
      await db.write(async (tx) => {
        await tx.sessions.revokeBeside(userId, 0, now)
        await tx.users.update(userId, { revokedAt: now })
      })
    },
  }
}

const codeInvalid = () => new AppError('invalid', { fields: [{ field: 'code', code: 'code_invalid' }] })

/** The row as it was when the password was compared, or somebody has changed it meanwhile. */
async function requireUnchanged (tx: Queries, person: UserRow): Promise<void> {
  const now = await tx.users.findRow(person.id)
  if (now?.isActive !== true || now.passwordHash !== person.passwordHash) throw new AppError('bad_credentials')
}

export type Sessions = ReturnType<typeof createSessions>
