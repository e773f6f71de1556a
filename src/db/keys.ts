import { and, asc, eq, sql } from './drizzle.ts'
import type { BetterSQLite3Database, InferSelectModel } from './drizzle.ts'
import { keys } from './schema.ts'

export type KeyRow = InferSelectModel<typeof keys>

export function keyQueries (db: BetterSQLite3Database) {
  const byHash = db.select().from(keys)
    .where(and(eq(keys.hash, sql.placeholder('hash')), sql`${keys.revokedAt} is null`)).prepare()
  const ofUser = db.select().from(keys).where(eq(keys.userId, sql.placeholder('userId'))).orderBy(asc(keys.id)).prepare()
  const revoke = db.update(keys).set({ revokedAt: sql`${sql.placeholder('at')}` })
    .where(and(eq(keys.id, sql.placeholder('id')), sql`${keys.revokedAt} is null`)).prepare()

  const value = (name: string) => sql`${sql.placeholder(name)}`
  const insert = db.insert(keys)
    .values({ userId: value('userId'), hash: value('hash'), prefix: value('prefix'), createdAt: value('createdAt') }).returning().prepare()

  return {
    /** Only a key that still counts. */
    async findByHash (hash: string): Promise<KeyRow | undefined> {
      return byHash.get({ hash })
    },

    async list (userId: number): Promise<KeyRow[]> {
      return ofUser.all({ userId })
    },

    async insert (values: { userId: number, hash: string, prefix: string, createdAt: number }): Promise<KeyRow> {
      return insert.get(values)
    },

    /** False when there is no such key or it was revoked before. */
    async revoke (id: number, at: number): Promise<boolean> {
      return revoke.run({ id, at }).changes === 1
    },
  }
}
