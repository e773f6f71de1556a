import { and, eq, sql } from './drizzle.ts'
import type { BetterSQLite3Database, InferSelectModel } from './drizzle.ts'
import { folded } from './fold.ts'
import { groups } from './schema.ts'

/** A group and how many people are in it. */
export type Group = InferSelectModel<typeof groups> & { usersCount: number }

type Measure = 'id' | 'usersCount' | 'createdAt' | 'updatedAt'

export interface GroupFilter {
  /** What the name or the notes contain. */
  search?: string | undefined
  /** From the first number up to, but without, the last; all of them hold. */
  within?: readonly [of: Measure, span: { from?: number, until?: number }][]
  /** Groups that are alike in all of it follow each other by id. */
  order?: readonly [of: Measure | 'name', direction: 'asc' | 'desc'][]
}

export function groupQueries (db: BetterSQLite3Database) {
  // People who were deleted softly are few, and their index tells who they are: what they were in is counted once for all
  // groups, and taken off what the index of the memberships counts.
  const gone = sql`(select memberships.group_id as id, count(*) as people from users cross join memberships on memberships.user_id = users.id
    where users.deleted_at is not null group by memberships.group_id) as gone`
  const usersCount = sql<number>`((select count(*) from memberships where memberships.group_id = groups.id) - coalesce(gone.people, 0))`
  const measures = { id: groups.id, usersCount, createdAt: groups.createdAt, updatedAt: groups.updatedAt }
  const columns = { ...measures, name: groups.name, notes: groups.notes }
  const isGone = sql`gone.id = ${groups.id}`
  const byIds = db.select(columns).from(groups).leftJoin(gone, isGone)
    .where(sql`${groups.id} in (select value from json_each(${sql.placeholder('ids')}))`).prepare()
  const exists = db.select({ id: groups.id }).from(groups).where(eq(groups.id, sql.placeholder('id'))).prepare()
  const holder = db.select({ id: groups.id }).from(groups).where(sql`lower(${groups.name}) = lower(${sql.placeholder('name')})`).prepare()
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const insert = db.insert(groups).values({ name: value('name'), notes: value('notes'), createdAt: value('at'), updatedAt: value('at') }).returning().prepare()
  const update = db.update(groups).set({ name: value('name'), notes: value('notes'), updatedAt: value('at') }).where(eq(groups.id, sql.placeholder('id'))).prepare()
  const remove = db.delete(groups).where(eq(groups.id, sql.placeholder('id'))).prepare()

  const some = (ids: number[]): Map<number, Group> => new Map(byIds.all({ ids: JSON.stringify(ids) }).map((group) => [group.id, group]))

  /** All that match, in order, as far as searching and ordering need to know them: groups are few, and only here are texts folded. */
  function matching ({ search, within = [], order = [] }: GroupFilter) {
    const limits = within.flatMap(([of, { from, until }]) =>
      [from === undefined ? undefined : sql`${measures[of]} >= ${from}`, until === undefined ? undefined : sql`${measures[of]} < ${until}`])
    const unread = { notes: sql<string>`''`, usersCount: sql<number>`0` }
    const isCounted = order.some(([of]) => of === 'usersCount')
    const rows = db.select({ ...columns, ...search === undefined && { notes: unread.notes }, ...!isCounted && { usersCount: unread.usersCount } })
      .from(groups).leftJoin(gone, isGone).where(and(...limits)).all()
    const found = rows.map((row) => ({ ...row, name: folded(row.name) })).filter(contains(search))
    return found.sort(by(order))
  }

  return {
    async find (id: number): Promise<Group | undefined> {
      return some([id]).get(id)
    },

    /** Which group has the name, in whatever letters. */
    async holderOf (name: string): Promise<{ id: number } | undefined> {
      return holder.get({ name })
    },

    /** The first id among these that is no group's. */
    async firstMissing (ids: readonly number[]): Promise<number | undefined> {
      return ids.find((id) => exists.get({ id }) === undefined)
    },

    /** A page of those that match, and how many there are. */
    async list (filter: GroupFilter, limit: number, offset: number): Promise<{ count: number, groups: Group[] }> {
      const found = matching(filter)
      const ids = found.slice(offset, offset + limit).map(({ id }) => id)
      const page = some(ids)
      return { count: found.length, groups: ids.map((id) => page.get(id)).filter((group) => group !== undefined) }
    },

    async insert (values: { name: string, notes: string, at: number }): Promise<Group> {
      return { ...insert.get(values), usersCount: 0 }
    },

    async update (id: number, values: { name: string, notes: string, at: number }): Promise<void> {
      update.run({ ...values, id })
    },

    /** The group, and that anybody was in it. */
    async remove (id: number): Promise<void> {
      remove.run({ id })
    },
  }
}

type Row = Record<Measure, number> & Record<'name' | 'notes', string>

function contains (search: string | undefined): (row: Row) => boolean {
  if (search === undefined) return () => true
  const part = folded(search)
  return ({ name, notes }) => name.includes(part) || folded(notes).includes(part)
}

const by = (order: NonNullable<GroupFilter['order']>) => (a: Row, b: Row): number => {
  const [of, direction] = order.find(([of]) => a[of] !== b[of]) ?? ['id', 'asc']
  return (a[of] < b[of] ? -1 : 1) * (direction === 'asc' ? 1 : -1)
}
