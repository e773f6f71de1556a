import { randomBytes } from 'node:crypto'
import type { Account, Database, Queries, SessionRow, SpentToken } from '../../db/index.ts'
import { asOfNow, reached, requireAdmin } from '../access.ts'
import type { Person, Rights } from '../access.ts'
import { AppError } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import { audit } from '../people/audit.ts'
import type { Cursors, Page, Window } from '../seal/cursors.ts'
import { LISTED_MAX } from '../fields/index.ts'
import { endCredentials } from './index.ts'
import { requireSession } from './keys.ts'
import type { Keys } from './keys.ts'
import { readToken } from './tokens.ts'
import type { Signer } from './tokens.ts'

export interface TokenPair { access: string, refresh: string }

/** Where a sign-in comes from: what its owner will know the session by. */
export interface Origin { device: string, address: string, family?: string }

/** Opens a session in a transaction that is open already, for somebody who has just proved who they are. */
export type Begin<T> = (tx: Queries, person: { id: number }, origin: Origin) => Promise<T>

interface Needs {
  db: Database
  keys: Keys
  cursors: Cursors
  signer: Signer
  /** Lifetimes in seconds. */
  accessTtl: number
  refreshTtl: number
  /** How long a spent refresh token still yields what took its place. */
  refreshGrace: number
}

/** How many spent refresh tokens a session remembers: whoever trades faster than this within the grace is not a tab that lost an answer. */
const SPENT_MAX = 16

export function createSessions ({ db, keys, cursors, signer, accessTtl, refreshTtl, refreshGrace }: Needs) {
  const newId = () => randomBytes(16).toString('hex')

  function pairOf ({ id: sid, userId, refreshId, expiresAt }: SessionRow): TokenPair {
    const iat = Math.floor(Date.now() / 1_000)
    const claims = { user_id: userId, iat, sid }
    return {
      access: signer.sign({ ...claims, token_type: 'access', jti: newId(), exp: iat + accessTtl }),
      refresh: signer.sign({ ...claims, token_type: 'refresh', jti: refreshId, exp: Math.floor(expiresAt / 1_000) }),
    }
  }

  const lately = (spent: readonly SpentToken[], now: number): SpentToken[] => spent.filter(({ at }) => at > now - refreshGrace * 1_000)

  /** Spends the session's refresh token; the next one takes its place. */
  async function rotate (tx: Queries, session: SessionRow, now: number): Promise<SessionRow> {
    const spent = [{ id: session.refreshId, at: now }, ...lately(session.spent, now)].slice(0, SPENT_MAX)
    const next = { refreshId: newId(), spent, expiresAt: now + refreshTtl * 1_000 }
    await tx.sessions.rotate(session.id, next)
    return { ...session, ...next }
  }

  async function open (tx: Queries, { id: userId }: { id: number }, { device, address, family = 'service' }: Origin): Promise<{ session: SessionRow, account: Account }> {
    const now = Date.now()
    const session = await tx.sessions.insert({ userId, refreshId: newId(), device, address, createdAt: now, expiresAt: now + refreshTtl * 1000 })
    await tx.presence.signedIn(userId, now)
    await audit(tx, { id: userId, way: { family, address } }, { noun: 'session', verb: 'began', subject: session.id, person: userId })
    const account = await tx.users.find(userId)
    if (account === undefined) throw new AppError('bad_credentials')
    return { session, account }
  }

  /** A session that speaks by JSON Web Tokens. */
  const begin: Begin<TokenPair & { account: Account }> = async (tx, person, origin) => {
    const { session, account } = await open(tx, person, origin)
    return { ...pairOf(session), account }
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

    /**
     * Trades an unspent refresh token for a new pair. One that was spent a moment ago (two tabs asked at once, or an answer was
     * lost) yields the session's current pair; one that was spent before ends the session, because somebody has copied it.
     */
    async refresh (token: string): Promise<TokenPair> {
      const claims = readToken(signer, token, 'refresh')
      const session = await db.write(async (tx) => {
        const now = Date.now()
        const found = claims.sid === undefined ? undefined : await tx.sessions.find(claims.sid)
        const person = await tx.users.findRow(claims.user_id)
        if (found?.userId !== claims.user_id || found.revokedAt !== null || person?.isActive !== true) return undefined
        if (found.refreshId === claims.jti) return await rotate(tx, found, now)
        if (lately(found.spent, now).some(({ id }) => id === claims.jti)) return found
        await tx.sessions.revoke(found.id, now)
        await audit(tx, { id: null }, { noun: 'session', verb: 'ended', subject: found.id, person: found.userId, fields: ['reused'] })
        return undefined
      })
      if (session === undefined) throw new AppError('token_invalid')
      return pairOf(session)
    },

    /** Those that still count, the newest first. */
    list: (userId: number): Promise<SessionRow[]> => db.read.sessions.list(userId, Date.now(), LISTED_MAX),

    /** The same a page at a time. Throws what `cursors.page` throws. */
    page: ({ id }: Rights, userId: number, window: Window, errors?: readonly FieldError[]): Promise<Page<SessionRow>> =>
      cursors.pageById(['sessions', id, userId], window, (part) => db.read.sessions.page(userId, Date.now(), part), errors),

    /** How many there are. */
    count: (userId: number): Promise<number> => db.read.sessions.count(userId, Date.now()),

    /** Ends one of a person's own, or of somebody's within their reach. Throws `not_found`, `permission_denied`, and what `asOfNow` throws. */
    async revoke (person: Person, id: number, userId = person.id): Promise<void> {
      await db.write(async (tx) => {
        await reached(tx, person, userId)
        const session = await tx.sessions.find(id)
        if (session?.userId !== userId || !await tx.sessions.revoke(id, Date.now())) throw new AppError('not_found')
        await audit(tx, person, { noun: 'session', verb: 'ended', subject: id, person: userId })
      })
    },

    /** All sessions of a person but the one they are in, whatever was made elsewhere for them, and if they ask for it their API tokens. Throws `permission_denied` outside of a session, and what `asOfNow` throws. */
    async revokeOthers (person: Person, { tokens }: { tokens: boolean }): Promise<void> {
      const kept = requireSession(person)
      await db.write(async (tx) => {
        await asOfNow(tx, person)
        await endCredentials(tx, person.id, { kept, tokens })
        await audit(tx, person, { noun: 'session', verb: 'ended', person: person.id, fields: tokens ? ['tokens'] : [] })
      })
    },

    /**
     * All sessions of a person, or of somebody within their reach, whatever was made elsewhere for them, and if they ask for it the API
     * tokens; those of others are for admins. Throws `not_found`, `permission_denied`, and what `asOfNow` throws.
     */
    async revokeAll (person: Person, { tokens }: { tokens: boolean }, userId = person.id): Promise<void> {
      await db.write(async (tx) => {
        const { now } = await reached(tx, person, userId)
        if (tokens && userId !== person.id) requireAdmin(now)
        await endCredentials(tx, userId, { tokens })
        await audit(tx, person, { noun: 'session', verb: 'ended', person: userId, fields: tokens ? ['tokens'] : [] })
      })
    },
  }
}

export type Sessions = ReturnType<typeof createSessions>
