import { and, eq, sql } from './drizzle.ts'
import type { BetterSQLite3Database, InferSelectModel } from './drizzle.ts'
import { codes } from './schema.ts'

export type CodeRow = InferSelectModel<typeof codes>
export type Purpose = CodeRow['purpose']

export function codeQueries (db: BetterSQLite3Database) {
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const byHash = db.select().from(codes).where(eq(codes.hash, sql.placeholder('hash'))).prepare()
  const insert = db.insert(codes)
    .values({ userId: value('userId'), purpose: value('purpose'), email: value('email'), hash: value('hash'), expiresAt: value('expiresAt') })
    .onConflictDoUpdate({ target: [codes.userId, codes.purpose], set: { email: sql`excluded.email`, hash: sql`excluded.hash`, expiresAt: sql`excluded.expires_at` } })
    .prepare()
  const remove = db.delete(codes).where(eq(codes.id, sql.placeholder('id'))).prepare()
  const removeOfUser = db.delete(codes).where(eq(codes.userId, sql.placeholder('userId'))).prepare()
  const removePurpose = db.delete(codes).where(and(eq(codes.userId, sql.placeholder('userId')), eq(codes.purpose, sql.placeholder('purpose')))).prepare()
  const removeExpired = db.delete(codes).where(sql`${codes.expiresAt} <= ${sql.placeholder('now')}`).prepare()

  return {
    async findByHash (hash: string): Promise<CodeRow | undefined> {
      return byHash.get({ hash })
    },

    /** Takes the place of the code that the person had for this purpose. */
    async replace (code: Omit<CodeRow, 'id'>): Promise<void> {
      insert.run(code)
    },

    async remove (id: number): Promise<void> {
      remove.run({ id })
    },

    /** All of a person's codes, or those for one purpose. */
    async removeOf (userId: number, purpose?: Purpose): Promise<void> {
      if (purpose === undefined) removeOfUser.run({ userId })
      else removePurpose.run({ userId, purpose })
    },

    async removeExpired (now: number): Promise<void> {
      removeExpired.run({ now })
    },
  }
}
