import { createHash, randomBytes } from 'node:crypto'
import type { Database, Queries } from '../db/open.ts'
import type { KeyRow } from '../db/keys.ts'
import { AppError } from './errors.ts'

const SECRET = /^[0-9a-f]{40}$/
const SHOWN = 6

export const isKey = (secret: string): boolean => SECRET.test(secret)
export const hashKey = (secret: string): string => createHash('sha256').update(secret).digest('hex')

export interface NewToken {
  name?: string
  /** Milliseconds; absent: for as long as nobody revokes it. */
  expiresAt?: number | null
}

/** API tokens: 40 hex digits, shown once, stored as their SHA-256. */
export function createKeys ({ db }: { db: Database }) {
  async function insert (tx: Queries, userId: number, { name = '', expiresAt = null }: NewToken, sessionId: number | null): Promise<{ key: KeyRow, secret: string }> {
    const secret = randomBytes(20).toString('hex')
    const values = { userId, sessionId, name, hash: hashKey(secret), prefix: secret.slice(0, SHOWN), createdAt: Date.now(), expiresAt }
    return { key: await tx.keys.insert(values), secret }
  }

  return {
    create: (userId: number, token: NewToken = {}) => db.write((tx) => insert(tx, userId, token, null)),

    /** The token of a sign-in: it lives and dies with that session. */
    ofSession: (tx: Queries, session: { id: number, userId: number, expiresAt: number }) => insert(tx, session.userId, { expiresAt: session.expiresAt }, session.id),

    list: (userId: number): Promise<KeyRow[]> => db.read.keys.list(userId),

    /** Throws `not_found` when the person has no such token. */
    async revokeOf (userId: number, id: number): Promise<void> {
      const key = await db.read.keys.find(id)
      const isRevoked = key?.userId === userId && key.sessionId === null && await db.write((tx) => tx.keys.revoke(id, Date.now()))
      if (!isRevoked) throw new AppError('not_found')
    },

    /** False when there is no such token, or it was revoked before. Counts from the next request on. */
    revoke: (id: number): Promise<boolean> => db.write((tx) => tx.keys.revoke(id, Date.now())),
  }
}

export type Keys = ReturnType<typeof createKeys>
