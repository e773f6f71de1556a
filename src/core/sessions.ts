import { randomBytes } from 'node:crypto'
import type { Database, Queries } from '../db/open.ts'
import type { Account, UserRow } from '../db/users.ts'
import { AppError } from './errors.ts'
import type { Passwords } from './passwords.ts'
import { readToken } from './tokens.ts'
import type { Signer } from './tokens.ts'

export interface TokenPair { access: string, refresh: string }

interface Needs {
  db: Database
  passwords: Passwords
  signer: Signer
  /** Lifetimes in seconds. */
  accessTtl: number
  refreshTtl: number
}

export function createSessions ({ db, passwords, signer, accessTtl, refreshTtl }: Needs) {
  const newId = () => randomBytes(16).toString('hex')

  function pair (userId: number, sid: number, refreshId: string, now: number): TokenPair {
    const iat = Math.floor(now / 1000)
    const claims = { user_id: userId, iat, sid }
    return {
      access: signer.sign({ ...claims, token_type: 'access', jti: newId(), exp: iat + accessTtl }),
      refresh: signer.sign({ ...claims, token_type: 'refresh', jti: refreshId, exp: iat + refreshTtl }),
    }
  }

  /** Opens a session, in a transaction that is open already, for somebody who has just proved who they are. */
  async function begin (tx: Queries, { id: userId }: { id: number }): Promise<TokenPair & { account: Account }> {
    const now = Date.now()
    const refreshId = newId()
    const session = await tx.sessions.insert({ userId, refreshId, device: '', address: '', createdAt: now, expiresAt: now + refreshTtl * 1000 })
    await tx.presence.signedIn(userId, now)
    const account = await tx.users.find(userId)
    if (account === undefined) throw new AppError('bad_credentials')
    return { ...pair(userId, session.id, refreshId, now), account }
  }

  async function signIn (person: UserRow | undefined, password: string) {
    const isMatch = await passwords.matches(person?.passwordHash, password)
    if (person === undefined || !isMatch || !person.isActive) throw new AppError('bad_credentials')
    return await db.write((tx) => begin(tx, person))
  }

  return {
    begin,

    /** Unknown, inactive or the wrong password: `bad_credentials`, at the same cost. */
    signInByEmail: async (email: string, password: string) => await signIn(await db.read.users.findByEmail(email), password),
    signInByUsername: async (username: string, password: string) => await signIn(await db.read.users.findByUsername(username), password),

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
  }
}

export type Sessions = ReturnType<typeof createSessions>
