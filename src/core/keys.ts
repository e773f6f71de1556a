import { createHash, randomBytes } from 'node:crypto'
import type { Database } from '../db/open.ts'
import type { KeyRow } from '../db/keys.ts'

const SECRET = /^[0-9a-f]{40}$/
const SHOWN = 6

export const isKey = (secret: string): boolean => SECRET.test(secret)
export const hashKey = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** API tokens: 40 hex digits, shown once, stored as their SHA-256. */
export function createKeys ({ db }: { db: Database }) {
  return {
    async create (userId: number): Promise<{ key: KeyRow, secret: string }> {
      const secret = randomBytes(20).toString('hex')
      const values = { userId, hash: hashKey(secret), prefix: secret.slice(0, SHOWN), createdAt: Date.now() }
      return { key: await db.write((tx) => tx.keys.insert(values)), secret }
    },

    list: (userId: number): Promise<KeyRow[]> => db.read.keys.list(userId),

    /** False when there is no such token, or it was revoked before. Counts from the next request on. */
    revoke: (id: number): Promise<boolean> => db.write((tx) => tx.keys.revoke(id, Date.now())),
  }
}

export type Keys = ReturnType<typeof createKeys>
