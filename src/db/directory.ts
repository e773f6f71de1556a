import { and, asc, desc, getTableColumns, not, or, sql } from './drizzle.ts'
import type { BetterSQLite3Database, SQL } from './drizzle.ts'
import { distance } from './distance.ts'
import { folded } from './fold.ts'
import { headCount } from './head-count.ts'
import { dialled } from './phone.ts'
import { keys, memberships, sessions, taggings, tags, users } from './schema.ts'
import { candidates, soughtIn } from './search/candidates.ts'
import { EVERYBODY, isDamage, stateOf } from './search/state.ts'
import type { SearchText } from './search/texts.ts'

/** How far a reader sees a field: everybody's, everybody's but of those who narrowed it, only their own. */
export type Shown = 'all' | 'unless narrowed' | 'own'
type Column = keyof typeof users.$inferSelect

/** One thing that has to be true of a person. What is hidden from the reader counts as empty. */
export type Condition =
  | { is: 'containing', text: string, in: { field: SearchText, shown: Shown }[] }
  | { is: 'one of', field: Column, values: readonly (string | number | boolean)[], shown: Shown, hiddenAs?: string }
  | { is: 'filled', field: Column, value: boolean }
  /** From `from` on and before `until`. */
  | { is: 'between', field: Column, from?: number | string, until?: number | string, shown: Shown }
  | { is: 'in groups', ids: readonly number[] }
  | { is: 'in any group', value: boolean }
  /** Neither staff nor an admin. */
  | { is: 'ordinary', value: boolean }
  | { is: 'having a token', value: boolean, now: number }
  | { is: 'tagged', tag: number, shown: Shown }
  | { is: 'among', ids: readonly number[], value: boolean }
  | { is: 'online', ids: number[], since: number, value: boolean }
  | { is: 'near', place: string, km: number, shown: Shown }
  | { is: 'nobody' }

export interface Order { by: Column | 'distance', direction: 'asc' | 'desc', shown: Shown, from?: string }

export interface PeopleQuery {
  reader: number | null
  /** The audiences that this reader is not part of. */
  beyond: string[]
  /** The declared fields that a search looks at: of everybody (unless narrowed), and of the reader's own row. */
  attributes: { ofAll: string[], own: string[], shown: Shown }
  where: Condition[]
  order: Order[]
  limit: number
  offset: number
}

/** The ids of one page, and how many there are on all of them. */
export interface Found { count: number, ids: number[] }

/** The functions that these queries call, to be registered on their connection. */
export const FUNCTIONS = {
  folded: (value: unknown) => folded(String(value)),
  /** Whether what is stored contains a text that is folded already. */
  says: (value: string | number | null, text: string) => value !== null && folded(String(value)).includes(text) ? 1 : 0,
  dials: (phone: string | null, digits: string) => phone !== null && dialled(phone).includes(digits) ? 1 : 0,
  distance,
}

/** Where people are: the first that they have. */
const PLACE = sql`coalesce(nullif(${users.positionLatLng}, ''), ${users.locationLatLng})`
const TEXTS: ReadonlySet<Column> = new Set<Column>(['realName', 'firstName', 'lastName', 'location', 'description'])

/** Finds people by anything that can be asked of them. May take as long as reading every account. */
export function peopleQueries (db: BetterSQLite3Database) {
  const state = stateOf(db)

  return function find (query: PeopleQuery): Found {
    const { limit, offset } = query
    const conditions = query.where.map((condition) => sqlOf(condition, query))
    const order = [...query.order.flatMap((key) => keysOf(key, query)), asc(users.id)]

    function page (asksIndex: boolean): Found {
      const filter = and(sql`${users.deletedAt} is null`, asksIndex ? indexed(query.where) : undefined, ...conditions)
      return {
        count: conditions.length === 0 ? countAll() : db.select({ count: sql<number>`count(*)` }).from(users).where(filter).get()?.count ?? 0,
        ids: db.select({ id: users.id }).from(users).where(filter).orderBy(...order).limit(limit).offset(offset).all().map(({ id }) => id),
      }
    }

    const countAll = (): number => db.get<{ count: number }>(sql`select ${headCount} as count`).count

    /** Those of whom the index says that it could be them, and those whom it does not have yet: spares reading everybody. */
    function indexed (where: Condition[]): SQL | undefined {
      const lists = where.flatMap((condition) => condition.is === 'containing' ? candidates(condition.text, condition.in.map(({ field }) => field)) ?? [] : [])
      if (lists.length === 0) return undefined
      const { indexedTo } = state.read()
      if (indexedTo < 0) return undefined
      const inAll = and(...lists.map((list) => sql`${users.id} in ${list}`))
      return indexedTo === EVERYBODY ? inAll : or(inAll, sql`${users.id} > ${indexedTo}`)
    }

    try {
      // All in one transaction, so that they speak of the same accounts.
      return db.transaction(() => page(true))
    } catch (error) {
      if (!isDamage(error)) throw error
      return db.transaction(() => page(false))
    }
  }
}

const COLUMNS = getTableColumns(users)

/** Whether the reader sees a field of this row; undefined when they do in every row. */
function sees (word: SQL, shown: Shown, { reader, beyond }: PeopleQuery): SQL | undefined {
  if (shown === 'all') return undefined
  const isOwn = sql`${users.id} is ${reader}`
  if (shown === 'own') return isOwn
  return sql`(${users.visibility} = '{}' or ${isOwn} or coalesce(${users.visibility} ->> (${word}), '') not in ${beyond})`
}

const pathOf = (word: string): SQL => sql`${`$."${word}"`}`

/** What the reader sees of a column. */
function shownOf (field: Column, shown: Shown, query: PeopleQuery, hiddenAs: string | null): SQL {
  const column = COLUMNS[field]
  const isSeen = sees(pathOf(field), shown, query)
  return isSeen === undefined ? sql`${column}` : sql`case when ${isSeen} then ${column} else ${hiddenAs} end`
}

function sqlOf (condition: Condition, query: PeopleQuery): SQL | undefined {
  switch (condition.is) {
    case 'containing': return or(...condition.in.map((place) => contains(condition.text, place, query)))
    case 'one of': {
      const values = condition.values.map((value) => COLUMNS[condition.field].mapToDriverValue(value))
      return sql`${shownOf(condition.field, condition.shown, query, condition.hiddenAs ?? null)} in ${values}`
    }
    case 'filled': return condition.value ? isFilled(condition.field) : not(isFilled(condition.field))
    case 'between': {
      const shown = shownOf(condition.field, condition.shown, query, null)
      const from = condition.from === undefined ? undefined : sql`${shown} >= ${condition.from}`
      return and(from, condition.until === undefined ? undefined : sql`${shown} < ${condition.until}`)
    }
    case 'in groups': return sql`${users.id} in (select ${memberships.userId} from ${memberships} where ${memberships.groupId} in ${listOf(condition.ids)})`
    case 'in any group': return isSo(condition.value, sql`exists (select 1 from ${memberships} where ${memberships.userId} = ${users.id})`)
    case 'ordinary': return isSo(condition.value, sql`(${users.isStaff} = 0 and ${users.isAdmin} = 0)`)
    case 'having a token': return isSo(condition.value, hasToken(condition.now))
    case 'tagged': return isTagged(condition, query)
    case 'among': return isSo(condition.value, sql`${users.id} in ${listOf(condition.ids)}`)
    case 'online': return isSo(condition.value, sql`(coalesce(${users.lastSeenAt}, 0) > ${condition.since} or ${users.id} in ${listOf(condition.ids)})`)
    case 'near': return and(sees(pathOf('locationLatLng'), condition.shown, query), sql`distance(${PLACE}, ${condition.place}) <= ${condition.km}`)
    case 'nobody': return sql`0`
  }
}

const isSo = (value: boolean, condition: SQL): SQL => value ? condition : not(condition)
/** A list as one parameter, however long it is. */
const listOf = (ids: readonly number[]): SQL => sql`(select value from json_each(${JSON.stringify(ids)}))`
const isFilled = (field: Column): SQL => sql`coalesce(${COLUMNS[field]}, '') <> ''`

/** Whether these words stand in a field that the reader sees: looked at in the account itself, whatever the index says. */
function contains (words: string, { field, shown }: { field: SearchText, shown: Shown }, query: PeopleQuery): SQL | undefined {
  const text = soughtIn(field, words)
  if (text === undefined) return sql`0`
  // Nothing that anybody could see is in every field, also in one that is hidden.
  if (text === '') return sql`1`
  if (field === 'attributes') return attributesContain(text, query)
  const isThere = field === 'phone' ? sql`dials(${users.phone}, ${text})` : sql`says(${field === 'number' ? users.id : users[field]}, ${text})`
  return and(sees(pathOf(field), shown, query), isThere)
}

function attributesContain (text: string, query: PeopleQuery): SQL {
  const { ofAll, own, shown } = query.attributes
  const isSeen = and(sql`declared.key in (select value from json_each(${JSON.stringify(ofAll)}))`, sees(sql`'$."attributes.' || declared.key || '"'`, shown, query))
  const isOwn = sql`(${users.id} is ${query.reader} and declared.key in (select value from json_each(${JSON.stringify(own)})))`
  return sql`(${users.attributes} <> '{}' and exists (select 1 from json_each(${users.attributes}) declared where declared.type in ('text', 'integer') and says(declared.value, ${text}) and (${or(isSeen, isOwn)})))`
}

function hasToken (now: number): SQL {
  const isOpen = sql`exists (select 1 from ${sessions} where ${sessions.id} = ${keys.sessionId} and ${sessions.revokedAt} is null and ${sessions.expiresAt} > ${now})`
  return sql`exists (select 1 from ${keys} where ${keys.userId} = ${users.id} and ${keys.revokedAt} is null
    and (${keys.expiresAt} is null or ${keys.expiresAt} > ${now}) and (${keys.sessionId} is null or ${isOpen}))`
}

function isTagged ({ tag, shown }: { tag: number, shown: Shown }, { reader }: PeopleQuery): SQL | undefined {
  const isToldOf = sql`(${users.id} is ${reader} or exists (select 1 from ${tags} where ${tags.id} = ${tag} and ${tags.isVisible} and ${tags.isActive}))`
  return and(sql`${users.id} in (select ${taggings.userId} from ${taggings} where ${taggings.tagId} = ${tag})`, shown === 'all' ? undefined : isToldOf)
}

function keysOf (key: Order, query: PeopleQuery): SQL[] {
  const value = valueOf(key, query)
  const directed = key.direction === 'asc' ? asc(value) : desc(value)
  // Whoever is nowhere comes last in both directions.
  return key.by === 'distance' ? [sql`${value} is null`, directed] : [directed]
}

function valueOf ({ by, shown, from = '' }: Order, query: PeopleQuery): SQL {
  if (by === 'distance') return sql`case when ${sees(pathOf('locationLatLng'), shown, query) ?? sql`1`} then distance(${PLACE}, ${from}) end`
  const value = shownOf(by, shown, query, TEXTS.has(by) ? '' : null)
  if (TEXTS.has(by)) return sql`folded(${value})`
  return by === 'username' || by === 'email' ? sql`lower(${value})` : value
}
