import { randomBytes } from 'node:crypto'
import type { Database, Queries } from '../db/open.ts'
import type { SessionRow } from '../db/sessions.ts'
import type { Account } from '../db/users.ts'
import { AppError } from './errors.ts'
import type { Keys } from './keys.ts'
import { readToken } from './tokens.ts'
import type { Signer } from './tokens.ts'

export interface TokenPair { access: string, refresh: string }

/** Where a sign-in comes from: what its owner will know the session by. */
export interface Origin { device: string, address: string }

/** Opens a session in a transaction that is open already, for somebody who has just proved who they are. */
export type Begin<T> = (tx: Queries, person: { id: number }, origin: Origin) => Promise<T>

interface Needs {
  db: Database
  keys: Keys
  signer: Signer
  /** Lifetimes in seconds. */
  accessTtl: number
  refreshTtl: number
}

export function createSessions ({ db, keys, signer, accessTtl, refreshTtl }: Needs) {
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

  return {
    /** Seconds that an access token lives. */
    accessTtl,
    begin,
    beginWithKey,

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

export type Sessions = ReturnType<typeof createSessions>
