import { and, asc, desc, eq, sql } from './drizzle.ts'
import type { Db, InferSelectModel } from './drizzle.ts'
import { keyset } from './keyset.ts'
import type { Part } from './keyset.ts'
import { avatars } from './schema.ts'

export type Avatar = InferSelectModel<typeof avatars>

/** The avatars that people keep. Which one is shown stands in the account's own row. */
export function avatarQueries (db: Db) {
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const mine = eq(avatars.userId, sql.placeholder('userId'))
  const byId = db.select().from(avatars).where(and(eq(avatars.id, sql.placeholder('id')), mine)).prepare()
  const ofUser = db.select().from(avatars).where(mine).orderBy(desc(avatars.id)).limit(sql.placeholder('limit')).offset(sql.placeholder('offset')).prepare()
  const page = keyset(db, avatars, 'desc', mine)
  const names = db.select({ name: avatars.name }).from(avatars).where(mine).orderBy(asc(avatars.id)).prepare()
  const total = db.select({ count: sql<number>`count(*)` }).from(avatars).where(mine).prepare()
  const insert = db.insert(avatars).values({ userId: value('userId'), name: value('name'), uploadedAt: value('at') }).returning().prepare()
  const remove = db.delete(avatars).where(eq(avatars.name, sql.placeholder('name'))).prepare()

  return {
    /** One of this person's own. */
    async find (userId: number, id: number): Promise<Avatar | undefined> {
      return byId.get({ userId, id })
    },

    async count (userId: number): Promise<number> {
      return (await total.get({ userId }))?.count ?? 0
    },

    /** The newest first. */
    async list (userId: number, limit: number, offset: number): Promise<{ count: number, avatars: Avatar[] }> {
      const [whole, part] = await Promise.all([total.get({ userId }), ofUser.all({ userId, limit, offset })])
      return { count: whole?.count ?? 0, avatars: part }
    },

    /** The newest first, a part at a time. */
    async page (userId: number, part: Part): Promise<Avatar[]> {
      return page(part, { userId })
    },

    /** The pictures of all of them, the oldest first. */
    async namesOf (userId: number): Promise<string[]> {
      return (await names.all({ userId })).map(({ name }) => name)
    },

    async insert (userId: number, name: string, at: number): Promise<Avatar> {
      return insert.get({ userId, name, at })
    },

    async remove (name: string): Promise<void> {
      await remove.run({ name })
    },
  }
}
