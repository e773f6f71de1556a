import { asc, eq, sql } from './drizzle.ts'
import type { BetterSQLite3Database, InferSelectModel } from './drizzle.ts'
import { groups, memberships } from './schema.ts'

/** A group and how many people are in it. */
export type Group = InferSelectModel<typeof groups> & { usersCount: number }

export function groupQueries (db: BetterSQLite3Database) {
  const usersCount = sql<number>`(select count(*) from ${memberships} where ${memberships.groupId} = ${groups.id})`
  const columns = { id: groups.id, name: groups.name, notes: groups.notes, createdAt: groups.createdAt, updatedAt: groups.updatedAt, usersCount }
  const byId = db.select(columns).from(groups).where(eq(groups.id, sql.placeholder('id'))).prepare()
  const byName = db.select(columns).from(groups).where(sql`lower(${groups.name}) = lower(${sql.placeholder('name')})`).prepare()
  const page = db.select(columns).from(groups).orderBy(asc(groups.id)).limit(sql.placeholder('limit')).offset(sql.placeholder('offset')).prepare()
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const insert = db.insert(groups).values({ name: value('name'), notes: value('notes'), createdAt: value('at'), updatedAt: value('at') }).returning().prepare()
  const total = db.select({ count: sql<number>`count(*)` }).from(groups).prepare()

  return {
    async find (id: number): Promise<Group | undefined> {
      return byId.get({ id })
    },

    async findByName (name: string): Promise<Group | undefined> {
      return byName.get({ name })
    },

    /** The first id among these that is no group's. */
    async firstMissing (ids: readonly number[]): Promise<number | undefined> {
      return ids.find((id) => byId.get({ id }) === undefined)
    },

    async list (limit: number, offset: number): Promise<{ count: number, groups: Group[] }> {
      return { count: total.get()?.count ?? 0, groups: page.all({ limit, offset }) }
    },

    async insert (values: { name: string, notes: string, at: number }): Promise<Group> {
      return { ...insert.get(values), usersCount: 0 }
    },
  }
}
