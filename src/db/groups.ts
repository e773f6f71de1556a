import type { Dialect } from './dialect.ts'
import { eq, sql } from './drizzle.ts'
import type { Db, InferSelectModel } from './drizzle.ts'
import { groups, memberships } from './schema.ts'

export type GroupRow = InferSelectModel<typeof groups>

export function groupQueries (db: Db, dialect: Dialect) {
  const byId = db.select().from(groups).where(eq(groups.id, sql.placeholder('id'))).prepare()
  const exists = db.select({ id: groups.id }).from(groups).where(eq(groups.id, sql.placeholder('id'))).prepare()
  const holder = db.select({ id: groups.id }).from(groups).where(sql`lower(${groups.name}) = ${dialect.lower(sql.placeholder('name'))}`).prepare()
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const insert = db.insert(groups).values({ name: value('name'), notes: value('notes'), createdAt: value('at'), updatedAt: value('at') }).returning().prepare()
  const update = db.update(groups).set({ name: value('name'), notes: value('notes'), updatedAt: value('at') }).where(eq(groups.id, sql.placeholder('id'))).prepare()
  const isIn = eq(memberships.groupId, sql.placeholder('id'))
  const part = sql`select ${memberships.userId} from ${memberships} where ${isIn} limit ${sql.placeholder('most')}`
  const leave = db.delete(memberships).where(sql`${isIn} and ${memberships.userId} in (${part})`).prepare()
  const remove = db.delete(groups).where(eq(groups.id, sql.placeholder('id'))).prepare()

  return {
    /** Without the number of members: counting them takes long (group-lists.ts). */
    async find (id: number): Promise<GroupRow | undefined> {
      return byId.get({ id })
    },

    /** Which group has the name, in whatever letters. */
    async holderOf (name: string): Promise<{ id: number } | undefined> {
      return holder.get({ name })
    },

    /** The first id among these that is no group's. */
    async firstMissing (ids: readonly number[]): Promise<number | undefined> {
      for (const id of ids) if (await exists.get({ id }) === undefined) return id
      return undefined
    },

    async insert (values: { name: string, notes: string, at: number }): Promise<GroupRow> {
      return insert.get(values)
    },

    async update (id: number, values: { name: string, notes: string, at: number }): Promise<void> {
      await update.run({ ...values, id })
    },

    /** Removes up to `most` people from a group. Resolves to how many. */
    async empty (id: number, most: number): Promise<number> {
      return (await leave.run({ id, most })).changes
    },

    /** The group, and that anybody was in it. */
    async remove (id: number): Promise<void> {
      await remove.run({ id })
    },
  }
}
