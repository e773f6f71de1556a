import { and, eq, sql } from './drizzle.ts'
import type { BetterSQLite3Database, InferSelectModel } from './drizzle.ts'
import { sessions } from './schema.ts'

export type SessionRow = InferSelectModel<typeof sessions>

export function sessionQueries (db: BetterSQLite3Database) {
  const id = sql.placeholder('id')
  const byId = db.select().from(sessions).where(eq(sessions.id, id)).prepare()
  const rotate = db.update(sessions)
    .set({ refreshId: sql`${sql.placeholder('refreshId')}`, expiresAt: sql`${sql.placeholder('expiresAt')}` })
    .where(eq(sessions.id, id)).prepare()
  const revoke = db.update(sessions).set({ revokedAt: sql`${sql.placeholder('at')}` })
    .where(and(eq(sessions.id, id), sql`${sessions.revokedAt} is null`)).prepare()

  const value = (name: string) => sql`${sql.placeholder(name)}`
  const insert = db.insert(sessions)
    .values({ userId: value('userId'), refreshId: value('refreshId'), createdAt: value('createdAt'), expiresAt: value('expiresAt') }).returning().prepare()

  return {
    async find (sessionId: number): Promise<SessionRow | undefined> {
      return byId.get({ id: sessionId })
    },

    async insert (values: { userId: number, refreshId: string, createdAt: number, expiresAt: number }): Promise<SessionRow> {
      return insert.get(values)
    },

    /** From now on only the refresh token with this id is unspent. */
    async rotate (sessionId: number, refreshId: string, expiresAt: number): Promise<void> {
      rotate.run({ id: sessionId, refreshId, expiresAt })
    },

    async revoke (sessionId: number, at: number): Promise<void> {
      revoke.run({ id: sessionId, at })
    },
  }
}
