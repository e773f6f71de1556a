import type { Database, KeyRow, Queries, UserRow } from '../../db/index.ts'
import { asOfNow, OPERATOR, requireAdmin } from '../access.ts'
import type { Actor, Person, Rights } from '../access.ts'
import { AppError } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import { LISTED_MAX } from '../fields/index.ts'
import type { Mail } from '../mail/index.ts'
import { audit } from '../people/audit.ts'
import type { Cursors, Page, Window } from '../seal/cursors.ts'
import type { Proof, Shown } from '../sign-in/proof.ts'
import { hashKey, newKey } from './key-secrets.ts'

/** How many of its first digits tell one from another. */
const SHOWN = 6

export interface NewToken {
  name?: string
  /** Seconds; absent: until somebody revokes it. */
  expiresIn?: number
}

/** A new token; its secret is known this once. */
export interface Made { key: KeyRow, secret: string }

interface Needs { db: Database, mail: Mail, proof: Proof, cursors: Cursors }

/** API tokens: 40 hex digits, shown once, stored as their SHA-256. */
export function createKeys ({ db, mail, proof, cursors }: Needs) {
  async function insert (tx: Queries, values: Pick<KeyRow, 'userId' | 'sessionId' | 'name' | 'createdAt' | 'expiresAt'>): Promise<Made> {
    const secret = newKey()
    return { key: await tx.keys.insert({ ...values, hash: hashKey(secret), prefix: secret.slice(0, SHOWN) }), secret }
  }

  /** Makes one, and tells its owner of it. */
  async function make (tx: Queries, by: Actor, { id: userId, username, email }: UserRow, { name = '', expiresIn }: NewToken): Promise<Made> {
    const createdAt = Date.now()
    if (email !== null) await mail.post(tx, userId, { template: 'token-created', to: email, params: { username } })
    const made = await insert(tx, { userId, sessionId: null, name, createdAt, expiresAt: expiresIn === undefined ? null : createdAt + expiresIn * 1_000 })
    await audit(tx, by, { noun: 'token', verb: 'created', subject: made.key.id, person: userId })
    return made
  }

  async function ownerOf (tx: Queries, userId: number): Promise<UserRow> {
    const owner = await tx.users.findRow(userId)
    if (owner === undefined) throw new AppError('not_found')
    return owner
  }

  return {
    /** As the operator, who proves nothing. Throws `not_found`. */
    create: (userId: number, token: NewToken = {}): Promise<Made> => db.write(async (tx) => await make(tx, OPERATOR, await ownerOf(tx, userId), token)),

    /**
     * For somebody signed in, who proves it once more; for another's account it takes an admin. `errors` are what the family has
     * found already. Throws as `proof.either` does, `permission_denied`, `not_found`.
     */
    async createBy (person: Person, userId: number, token: NewToken, shown: Shown, errors: readonly FieldError[]): Promise<Made> {
      requireSession(person)
      return await proof.either(person, shown, errors, async (tx, now) => {
        if (userId !== person.id) requireAdmin(now)
        return await make(tx, person, await ownerOf(tx, userId), token)
      })
    },

    /** The token of a sign-in: it lives and dies with that session. */
    ofSession: (tx: Queries, { id: sessionId, userId, expiresAt }: { id: number, userId: number, expiresAt: number }): Promise<Made> =>
      insert(tx, { userId, sessionId, name: '', createdAt: Date.now(), expiresAt }),

    list: (userId: number): Promise<KeyRow[]> => db.read.keys.list(userId, LISTED_MAX),

    /** The API tokens of a person, revoked or not, the newest first, a page at a time. Throws what `cursors.page` throws. */
    page: ({ id }: Rights, userId: number, window: Window, errors?: readonly FieldError[]): Promise<Page<KeyRow>> =>
      cursors.pageById(['tokens', id, userId], window, (part) => db.read.keys.page(userId, part), errors),

    /** How many there are. */
    count: (userId: number): Promise<number> => db.read.keys.count(userId),

    /** Throws `not_found` when that person has no such token, `permission_denied`, and what `asOfNow` throws. */
    async revokeBy (person: Person, userId: number, id: number): Promise<void> {
      await db.write(async (tx) => {
        const now = await asOfNow(tx, person)
        if (userId !== person.id) requireAdmin(now)
        const key = await tx.keys.find(id)
        const isRevoked = key?.userId === userId && key.sessionId === null && await tx.keys.revoke(id, Date.now())
        if (!isRevoked) throw new AppError('not_found')
        await audit(tx, person, { noun: 'token', verb: 'ended', subject: id, person: userId })
      })
    },

    /** As the operator. False when there is no such token, or it was revoked before. Counts from the next request on. */
    revoke: (id: number): Promise<boolean> => db.write(async (tx) => {
      const key = await tx.keys.find(id)
      if (key === undefined || !await tx.keys.revoke(id, Date.now())) return false
      await audit(tx, OPERATOR, { noun: 'token', verb: 'ended', subject: id, person: key.userId })
      return true
    }),
  }
}

/** The id of the session that somebody is in; `permission_denied` for any other credential. A token that makes tokens would outlive its own end. */
export function requireSession ({ credential }: Person): number {
  if (credential?.kind !== 'session') throw new AppError('permission_denied')
  return credential.id
}

export type Keys = ReturnType<typeof createKeys>
