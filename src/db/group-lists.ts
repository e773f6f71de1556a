import { and, sql } from './drizzle.ts'
import type { Db, SQLiteColumn } from './drizzle.ts'
import type { Reading } from './engine.ts'
import { folded } from './fold.ts'
import type { GroupRow } from './groups.ts'
import { keyset } from './keyset.ts'
import type { Part } from './keyset.ts'
import { groups } from './schema.ts'

/** A group and how many people are in it. */
export type Group = GroupRow & { usersCount: number }

type Measure = 'id' | 'usersCount' | 'createdAt' | 'updatedAt'

export interface GroupFilter {
  /** What the name or the notes contain. */
  search?: string | undefined
  /** From the first number up to, but without, the last; all of them hold. */
  within?: readonly [of: Measure, span: { from?: number, until?: number }][]
  /** Groups that are alike in all of it follow each other by id. */
  order?: readonly [of: Measure | 'name', direction: 'asc' | 'desc'][]
}

/** A page of groups, and how many there are on all pages. */
export interface GroupPage { count: number, groups: Group[] }

/** Lists of groups. SQLite counts the members of a group one by one, so this runs on a reader thread. */
export function groupLists (db: Db, { atOnce, dialect }: Pick<Reading, 'atOnce' | 'dialect'>) {
  // People who were deleted softly are few, and their index tells who they are: what they were in is counted once for all
  // groups, and taken off what the index of the memberships counts.
  // The `+` keeps the engine from reading all memberships first.
  const gone = sql`(select memberships.group_id as id, count(*) as people from users join memberships on memberships.user_id = +users.id
    where users.deleted_at is not null group by memberships.group_id) as gone`
  const usersCount = sql<number>`((select count(*) from memberships where memberships.group_id = groups.id) - coalesce(gone.people, 0))`
  const measures = { id: groups.id, usersCount, createdAt: groups.createdAt, updatedAt: groups.updatedAt }
  const columns = { ...measures, name: groups.name, notes: groups.notes }
  const isGone = sql`gone.id = ${groups.id}`
  const byIds = db.select(columns).from(groups).leftJoin(gone, isGone)
    .where(sql`${groups.id} in (${dialect.numbers(sql.placeholder('ids'))})`).prepare()

  const some = async (ids: number[]): Promise<Map<number, Group>> => new Map((await byIds.all({ ids: JSON.stringify(ids) })).map((group) => [group.id, group]))

  /** All that match, in order, as far as searching and ordering need to know them: groups are few, and only here are texts folded. */
  async function matching ({ search, within = [], order = [] }: GroupFilter) {
    const limits = within.flatMap(([of, { from, until }]) =>
      [from === undefined ? undefined : sql`${measures[of]} >= ${from}`, until === undefined ? undefined : sql`${measures[of]} < ${until}`])
    const unread = { notes: sql<string>`''`, usersCount: sql<number>`0` }
    const isCounted = order.some(([of]) => of === 'usersCount')
    const rows = await db.select({ ...columns, ...search === undefined && { notes: unread.notes }, ...!isCounted && { usersCount: unread.usersCount } })
      .from(groups).leftJoin(gone, isGone).where(and(...limits)).all()
    const found = rows.map((row) => ({ ...row, name: folded(row.name) })).filter(contains(search))
    return found.sort(by(order))
  }

  /** Both queries in one transaction, so that they see the same groups. */
  const page = (filter: GroupFilter, limit: number, offset: number): Promise<GroupPage> => atOnce(async () => {
    const found = await matching(filter)
    const ids = found.slice(offset, offset + limit).map(({ id }) => id)
    const shown = await some(ids)
    return { count: found.length, groups: ids.map((id) => shown.get(id)).filter((group) => group !== undefined) }
  })

  /** Those behind a group, by id; their members alone are counted. */
  const pageBehind = ({ search }: Pick<GroupFilter, 'search'>, part: Part): Promise<Group[]> => atOnce(async () => {
    const [sought, says] = [folded(search ?? ''), (text: SQLiteColumn) => sql`says(${text}, ${sought}) = 1`]
    const isFound = search === undefined ? undefined : sql`(${says(groups.name)} or ${says(groups.notes)})`
    const behind = await keyset(db, groups, 'asc', isFound)(part)
    const shown = await some(behind.map(({ id }) => id))
    return [...shown.values()].sort((a, b) => a.id - b.id)
  })

  return {
    page,
    pageBehind,

    /** How many people are in a group; 0 if there is no such group. */
    membersOf: async (id: number): Promise<number> => (await some([id])).get(id)?.usersCount ?? 0,
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
