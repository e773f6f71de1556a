import { hash } from 'node:crypto'
import { eq, sql } from './drizzle.ts'
import type { BetterSQLite3Database, InferSelectModel } from './drizzle.ts'
import { faces } from './schema.ts'
import type { users } from './schema.ts'

type UserRow = InferSelectModel<typeof users>

/** What decides whether somebody is found, and by what. */
const SOURCES = ['email', 'emailConfirmed', 'isFoundByEmail', 'avatar', 'visibility', 'deletedAt'] as const satisfies (keyof UserRow)[]

/** Keeps the hashes in step with the accounts: part of the transaction that changes them. */
export function faceIndex (db: BetterSQLite3Database) {
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const insert = db.insert(faces).values({ userId: value('userId'), sha256: value('sha256'), md5: value('md5') }).prepare()
  const remove = db.delete(faces).where(eq(faces.userId, value('userId'))).prepare()

  return {
    /** Of an account that is new, or was changed: nothing to do unless what was set counts. */
    renew (row: UserRow, set: object): void {
      if (!SOURCES.some((name) => name in set)) return
      const { id: userId, email } = row
      remove.run({ userId })
      if (email === null || !isFound(row)) return
      const address = email.trim().toLowerCase()
      insert.run({ userId, sha256: hash('sha256', address), md5: hash('md5', address) })
    },
  }
}

const isFound = ({ emailConfirmed, isFoundByEmail, avatar, visibility, deletedAt }: UserRow): boolean =>
  isFoundByEmail && emailConfirmed && avatar !== null && visibility.avatar === undefined && deletedAt === null

/** Whose avatar is shown by the hash of their address. */
export function faceQueries (db: BetterSQLite3Database) {
  const by = (column: typeof faces.sha256 | typeof faces.md5) =>
    db.select({ userId: faces.userId }).from(faces).where(eq(column, sql.placeholder('hash'))).limit(1).prepare()
  const select = { sha256: by(faces.sha256), md5: by(faces.md5) }

  return {
    async find (kind: 'sha256' | 'md5', digest: string): Promise<number | undefined> {
      return select[kind].get({ hash: digest })?.userId
    },
  }
}
