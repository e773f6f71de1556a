import { and, eq, sql } from '../drizzle.ts'
import type { Db, SQL, SQLiteColumn } from '../drizzle.ts'
import { distance } from '../distance.ts'
import { folded } from '../fold.ts'
import type { Reading } from '../engine.ts'
import { dialled } from '../phone.ts'
import { users } from '../schema.ts'
import { sqlOf } from './conditions.ts'
import type { Asked, Condition } from './conditions.ts'
import { isText, keysOf, segmentsOf, sorted, valuesOf } from './order.ts'
import type { Key, Order, Place } from './order.ts'

export type { Condition } from './conditions.ts'
export type { Order, Place } from './order.ts'
export type { Shown } from './shown.ts'

export interface PeopleQuestion extends Asked { where: Condition[] }
export interface PeopleQuery extends PeopleQuestion { order: Order[], limit: number, offset: number }
/** `after`: the place that the page begins behind. */
export interface PageQuery extends PeopleQuestion { order: Order[], limit: number, after?: Place | undefined }

/** The ids of one page, and how many there are on all of them. */
export interface Found { count: number, ids: number[] }
/** Somebody in a list, and where they stand in it. */
export interface Standing { id: number, place: Place }

/** The functions that these queries call, to be registered on their connection. */
export const FUNCTIONS = {
  folded: (value: unknown) => folded(String(value)),
  /** Whether what is stored contains a text that is folded already. */
  says: (value: string | number | null, text: string) => value !== null && folded(String(value)).includes(text) ? 1 : 0,
  dials: (phone: string | null, digits: string) => phone !== null && dialled(phone).includes(digits) ? 1 : 0,
  distance,
}

/** Finds people by anything that can be asked of them. May take as long as reading every account. */
export function peopleQueries (db: Db, { dialect, atOnce, indexed, isDamage, few }: Reading) {
  /** Answers in one transaction, so that all of it speaks of the same accounts; where the index is damaged, without it. */
  async function answer<A> (question: PeopleQuestion, ask: (filter: SQL | undefined) => Promise<A>): Promise<A> {
    const conditions = question.where.map((condition) => sqlOf(condition, { ...question, dialect }))
    const ofAll = (isIn: SQL | undefined) => ask(and(sql`${users.deletedAt} is null`, isIn, ...conditions))
    try {
      return await atOnce(async () => ofAll(await indexed(question.where)))
    } catch (error) {
      if (!isDamage(error)) throw error
      return await atOnce(() => ofAll(undefined))
    }
  }

  /** The accounts that are asked about, with what they are searched by where that stands beside them. */
  function from<S extends Record<string, SQLiteColumn | SQL | SQL.Aliased>> (selected: S, { where, order = [] }: Pick<PeopleQuestion, 'where'> & { order?: Order[] }) {
    const all = db.select(selected).from(users).$dynamic()
    const { searched } = dialect
    const isSearched = where.some(({ is }) => is === 'containing') || order.some(({ by }) => isText(by))
    return searched !== undefined && isSearched ? all.innerJoin(searched, eq(searched.userId, users.id)) : all
  }

  const countOf = async ({ where }: PeopleQuestion, filter: SQL | undefined): Promise<number> => where.length === 0
    ? (await db.get<{ count: number }>(sql`select ${dialect.headCount} as count`)).count
    : (await from({ count: sql<number>`count(*)` }, { where }).where(filter).get())?.count ?? 0

  type Row = Record<string, string | number | null> & { id: number }
  interface Part { where: SQL | undefined, keys: Key[], within: Key[], isFew: boolean, limit: number, offset?: number }

  /** A part of a list in its order. */
  async function rowsOf (query: PeopleQuestion & { order: Order[] }, { where, keys, within, isFew, limit, offset = 0 }: Part): Promise<Row[]> {
    const all = from({ id: users.id, ...valuesOf(keys) }, query).where(where)
    // What is behind an offset is planned as if all of it were wanted.
    if (isFew) return await db.all<Row>(sql`select * from (${all.getSQL()} offset 0) as found order by ${sql.join(sorted(within), sql`, `)} limit ${limit} offset ${offset}`)
    return await all.orderBy(...sorted(within)).limit(limit).offset(offset).all()
  }

  /** Whether so few people are asked for that they are gathered first. */
  async function areFew ({ where }: PeopleQuestion, filter: SQL | undefined): Promise<boolean> {
    if (few === undefined || where.length === 0) return false
    const found = from({ id: users.id }, { where }).where(filter).getSQL()
    return (await db.get<{ count: number }>(sql`select count(*) as count from (select 1 from (${found} offset 0) as found limit ${few + 1}) as those`)).count <= few
  }

  return {
    /** A page by its number, and how many there are on all. */
    find: (query: PeopleQuery): Promise<Found> => answer(query, async (filter) => {
      const { limit, offset } = query
      const keys = keysOf(query.order, { ...query, dialect })
      const counted = few === undefined || query.where.length === 0 ? undefined : await countOf(query, filter)
      const rows = await rowsOf(query, { where: filter, keys, within: keys, isFew: counted !== undefined && few !== undefined && counted <= few, limit, offset })
      // A page that is not full is the last one, and says it all.
      const isLast = rows.length < limit && (rows.length > 0 || offset === 0)
      return { count: counted ?? (isLast ? offset + rows.length : await countOf(query, filter)), ids: rows.map(({ id }) => id) }
    }),

    /** The next people behind a place: as quick on the last page as on the first. */
    findPage: (query: PageQuery): Promise<Standing[]> => answer(query, async (filter) => {
      const keys = keysOf(query.order, { ...query, dialect })
      const isFew = await areFew(query, filter)
      const found: Standing[] = []
      for (const { where, keys: within } of segmentsOf(keys, query.after)) {
        if (found.length === query.limit) break
        const rows = await rowsOf(query, { where: and(filter, where), keys, within, isFew, limit: query.limit - found.length })
        found.push(...rows.map(({ id, ...row }) => ({ id, place: keys.map(({ name }) => row[name] ?? null) })))
      }
      return found
    }),

    countPeople: (question: PeopleQuestion): Promise<number> => answer(question, (filter) => countOf(question, filter)),
  }
}
