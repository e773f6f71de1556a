import { and, asc, eq, sql } from './drizzle.ts'
import type { Db, InferSelectModel } from './drizzle.ts'
import type { Engine } from './engine.ts'
import { keyset } from './keyset.ts'
import type { Part } from './keyset.ts'
import { keys, sessions } from './schema.ts'
import type { SpentToken } from './schema.ts'

export type { SpentToken } from './schema.ts'

export type SessionRow = InferSelectModel<typeof sessions>
export type NewSession = Pick<SessionRow, 'userId' | 'refreshId' | 'device' | 'address' | 'createdAt' | 'expiresAt'>

export function sessionQueries (db: Db, { memory, deeds, dialect }: Pick<Engine, 'memory' | 'deeds' | 'dialect'>) {
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const id = sql.placeholder('id')
  const userId = sql.placeholder('userId')
  const isAlive = sql`${sessions.revokedAt} is null`
  const byId = db.select().from(sessions).where(eq(sessions.id, id)).prepare()
  const isTheirs = and(eq(sessions.userId, userId), isAlive, sql`${sessions.expiresAt} > ${sql.placeholder('now')}`)
  const alive = keyset(db, sessions, 'desc', isTheirs)
  const total = db.select({ count: sql<number>`count(*)` }).from(sessions).where(isTheirs).prepare()
  const insert = db.insert(sessions).values({
    userId: value('userId'), refreshId: value('refreshId'), device: value('device'), address: value('address'),
    createdAt: value('createdAt'), expiresAt: value('expiresAt'), lastSeenAt: value('createdAt'),
  }).returning().prepare()
  const rotate = db.update(sessions).set({ refreshId: value('refreshId'), spent: value('spent'), expiresAt: value('expiresAt') }).where(eq(sessions.id, id)).prepare()
  const revoke = db.update(sessions).set({ revokedAt: value('at') }).where(and(eq(sessions.id, id), isAlive)).prepare()
  const revokeBeside = db.update(sessions).set({ revokedAt: value('at') })
    .where(and(eq(sessions.userId, userId), isAlive, sql`${sessions.id} <> ${sql.placeholder('kept')}`)).prepare()
  const prove = db.update(sessions).set({ provenUntil: value('until') }).where(eq(sessions.id, id)).prepare()
  const seen = db.update(sessions).set({ lastSeenAt: value('at') }).where(eq(sessions.id, id)).prepare()
  const expired = db.select({ id: sessions.id }).from(sessions).where(sql`${sessions.expiresAt} <= ${sql.placeholder('before')}`)
    .orderBy(asc(sessions.expiresAt)).limit(sql.placeholder('most')).prepare()
  const listed = sql`(${dialect.numbers(sql.placeholder('ids'))})`
  const removeKeys = db.delete(keys).where(sql`${keys.sessionId} in ${listed}`).prepare()
  const remove = db.delete(sessions).where(sql`${sessions.id} in ${listed}`).prepare()
  const some = sql`(select ${sessions.id} from ${sessions} where ${sessions.userId} = ${userId} limit ${sql.placeholder('most')})`
  const removeOf = db.delete(sessions).where(sql`${sessions.id} in ${some}`).prepare()

  const find = memory.of('sessions', (sessionId: number) => byId.get({ id: sessionId }))

  return {
    async find (sessionId: number): Promise<SessionRow | undefined> {
      return find(sessionId)
    },

    /** Those that still count, the newest first, `most` of them. */
    async list (ownerId: number, now: number, most: number): Promise<SessionRow[]> {
      return alive({ limit: most }, { userId: ownerId, now })
    },

    /** The same, a part at a time. */
    async page (ownerId: number, now: number, part: Part): Promise<SessionRow[]> {
      return alive(part, { userId: ownerId, now })
    },

    async count (ownerId: number, now: number): Promise<number> {
      return (await total.get({ userId: ownerId, now }))?.count ?? 0
    },

    /** Somebody has come in, which is told after the commit. */
    async insert (values: NewSession): Promise<SessionRow> {
      const { userId, createdAt: at } = values
      deeds.note({ what: 'signedIn', userId, actorId: userId, family: null, fields: [], version: null, at })
      return insert.get(values)
    },

    /** Removes up to `most` of a person's, which no API token must depend on any more. Resolves to how many. */
    async removeOf (ownerId: number, most: number): Promise<number> {
      return (await removeOf.run({ userId: ownerId, most })).changes
    },

    /** From now on only the refresh token with this id is unspent. */
    async rotate (sessionId: number, { refreshId, spent, expiresAt }: { refreshId: string, spent: SpentToken[], expiresAt: number }): Promise<void> {
      await rotate.run({ id: sessionId, refreshId, spent: JSON.stringify(spent), expiresAt })
    },

    /** False when it was revoked before. */
    async revoke (sessionId: number, at: number): Promise<boolean> {
      return (await revoke.run({ id: sessionId, at })).changes === 1
    },

    /** All of a person's sessions but one; 0 keeps none. */
    async revokeBeside (ownerId: number, kept: number, at: number): Promise<void> {
      await revokeBeside.run({ userId: ownerId, kept, at })
    },

    /** Whoever is in the session has proved who they are, which counts until then. */
    async prove (sessionId: number, until: number): Promise<void> {
      await prove.run({ id: sessionId, until })
    },

    async seen (sessionId: number, at: number): Promise<void> {
      await seen.run({ id: sessionId, at })
    },

    /** Removes up to `most` sessions that ended before, and the API tokens that depend on them. Resolves to how many sessions. */
    async removeExpired (before: number, most: number): Promise<number> {
      const found = await expired.all({ before, most })
      const ids = JSON.stringify(found.map((session) => session.id))
      await removeKeys.run({ ids })
      await remove.run({ ids })
      return found.length
    },
  }
}
