import { and, desc, eq, sql } from './drizzle.ts'
import type { Db, InferSelectModel } from './drizzle.ts'
import type { Engine } from './engine.ts'
import { keyset } from './keyset.ts'
import type { Part } from './keyset.ts'
import { keys } from './schema.ts'

export type KeyRow = InferSelectModel<typeof keys>
export type NewKey = Pick<KeyRow, 'userId' | 'sessionId' | 'name' | 'hash' | 'prefix' | 'createdAt' | 'expiresAt'>

export function keyQueries (db: Db, memory: Engine['memory']) {
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const id = sql.placeholder('id')
  const byId = db.select().from(keys).where(eq(keys.id, id)).prepare()
  const byHash = db.select().from(keys).where(eq(keys.hash, sql.placeholder('hash'))).prepare()
  const isAlive = sql`${keys.revokedAt} is null`
  const isOfUser = and(eq(keys.userId, sql.placeholder('userId')), sql`${keys.sessionId} is null`)
  const ofUser = db.select().from(keys).where(isOfUser).orderBy(desc(isAlive), desc(keys.id)).limit(sql.placeholder('most')).prepare()
  const insert = db.insert(keys).values({
    userId: value('userId'), sessionId: value('sessionId'), name: value('name'), hash: value('hash'), prefix: value('prefix'),
    createdAt: value('createdAt'), expiresAt: value('expiresAt'),
  }).returning().prepare()
  const page = keyset(db, keys, 'desc', isOfUser)
  const total = db.select({ count: sql<number>`count(*)` }).from(keys).where(isOfUser).prepare()
  const used = db.update(keys).set({ lastUsedAt: value('at') }).where(eq(keys.id, id)).prepare()
  const revoke = db.update(keys).set({ revokedAt: value('at') }).where(and(eq(keys.id, id), isAlive)).prepare()
  const revokeAll = db.update(keys).set({ revokedAt: value('at') })
    .where(and(isOfUser, isAlive)).prepare()
  const some = sql`(select ${keys.id} from ${keys} where ${keys.userId} = ${sql.placeholder('userId')} limit ${sql.placeholder('most')})`
  const removeOf = db.delete(keys).where(sql`${keys.id} in ${some}`).prepare()

  const findByHash = memory.of('hashes', (hash: string) => byHash.get({ hash }))
  const find = memory.of('keys', (keyId: number) => byId.get({ id: keyId }))

  return {
    async find (keyId: number): Promise<KeyRow | undefined> {
      return find(keyId)
    },

    /** Revoked or not. */
    async findByHash (hash: string): Promise<KeyRow | undefined> {
      return findByHash(hash)
    },

    /** Those that were made as API tokens, the oldest first; a sign-in's belong to its session. Of more than `most` the oldest are left out, and of these the revoked ones before the others. */
    async list (userId: number, most: number): Promise<KeyRow[]> {
      return (await ofUser.all({ userId, most })).toSorted((a, b) => a.id - b.id)
    },

    /** The newest first, a part at a time. */
    async page (userId: number, part: Part): Promise<KeyRow[]> {
      return page(part, { userId })
    },

    async count (userId: number): Promise<number> {
      return (await total.get({ userId }))?.count ?? 0
    },

    async insert (values: NewKey): Promise<KeyRow> {
      return insert.get(values)
    },

    async used (keyId: number, at: number): Promise<void> {
      await used.run({ id: keyId, at })
    },

    /** False when there is no such key or it was revoked before. */
    async revoke (keyId: number, at: number): Promise<boolean> {
      return (await revoke.run({ id: keyId, at })).changes === 1
    },

    /** All of a person's API tokens; those of sign-ins end with their sessions. */
    async revokeAll (userId: number, at: number): Promise<void> {
      await revokeAll.run({ userId, at })
    },

    /** Removes up to `most` of a person's, those of sign-ins too. Resolves to how many. */
    async removeOf (userId: number, most: number): Promise<number> {
      return (await removeOf.run({ userId, most })).changes
    },
  }
}
