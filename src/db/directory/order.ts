import { and, asc, desc, sql } from '../drizzle.ts'
import type { SQL } from '../drizzle.ts'
import { COLUMNS, PLACE, sees, shownOf } from './shown.ts'
import type { Asking, Column, Shown } from './shown.ts'

export interface Order { by: Column | 'distance', direction: 'asc' | 'desc', shown: Shown, from?: string }

/** What somebody is ordered by, each key as the reader sees it, the id last: where they stand in a list, whatever happens to the others. */
export type Place = (string | number | null)[]

/** One key of an order. */
export interface Key {
  /** How its value is called in the statement: said once, it is worked out once. */
  name: string
  value: SQL
  direction: 'asc' | 'desc'
  /** Where those stand who have nothing there; undefined when everybody has something. */
  nulls: 'first' | 'last' | undefined
  isUnique: boolean
}

/** A part of a list that an index can give in order: those who have the first key, or those who lack it. */
interface Segment { where: SQL | undefined, keys: Key[] }

const TEXTS = ['realName', 'firstName', 'lastName', 'location', 'description'] as const
type Text = (typeof TEXTS)[number]
/** Whether it is a text, which is compared as it is folded. */
export const isText = (by: Order['by']): by is Text => TEXTS.some((text) => text === by)
const UNIQUE: ReadonlySet<Order['by']> = new Set<Order['by']>(['id', 'username', 'email', 'extId'])

/** The keys of an order; the id, which ends it, is one of them. */
export function keysOf (order: readonly Order[], asking: Asking): Key[] {
  const last: Order = { by: 'id', direction: 'asc', shown: 'all' }
  return [...order, last].map((key, i) => ({
    name: `key${i}`,
    value: valueOf(key, asking),
    direction: key.direction,
    nulls: nullsOf(key),
    isUnique: UNIQUE.has(key.by),
  }))
}

function valueOf ({ by, shown, from = '' }: Order, asking: Asking): SQL {
  if (by === 'distance') return sql`case when ${sees('locationLatLng', shown, asking) ?? sql`true`} then distance(${PLACE}, ${from}) end`
  if (isText(by)) return textOf(by, shown, asking)
  const value = shownOf(by, shown, asking, null)
  return by === 'username' || by === 'email' ? sql`lower(${value})` : value
}

function textOf (by: Text, shown: Shown, asking: Asking): SQL {
  const kept = asking.dialect.keptFolded(by)
  if (kept === undefined) return sql`folded(${shownOf(by, shown, asking, '')})`
  const isSeen = sees(by, shown, asking)
  return isSeen === undefined ? kept : sql`case when ${isSeen} then ${kept} else '' end`
}

function nullsOf ({ by, direction, shown }: Order): Key['nulls'] {
  // Whoever is nowhere comes last in both directions.
  if (by === 'distance') return 'last'
  if (isText(by) || (shown === 'all' && COLUMNS[by].notNull)) return undefined
  return direction === 'asc' ? 'first' : 'last'
}

/** What each row of a page is read with. */
export const valuesOf = (keys: readonly Key[]) => Object.fromEntries(keys.map(({ name, value }) => [name, value.as(name)]))

/** `order by`, by the names of `valuesOf`. */
export const sorted = (keys: readonly Key[]): SQL[] => trimmed(keys).map(({ name, direction, nulls }) => {
  const key = (direction === 'asc' ? asc : desc)(sql.identifier(name))
  return nulls === undefined ? key : nulls === 'first' ? sql`${key} nulls first` : sql`${key} nulls last`
})

/** The parts of a list one after the other, from behind this place on. */
export function segmentsOf (keys: readonly Key[], after: Place | undefined): Segment[] {
  const [first, ...others] = keys as [Key, ...Key[]]
  const filled = { isEmpty: false, where: first.nulls === undefined ? undefined : sql`${first.value} is not null`, keys: [{ ...first, nulls: undefined }, ...others] }
  const empty = { isEmpty: true, where: sql`${first.value} is null`, keys: others }
  const all = first.nulls === undefined ? [filled] : first.nulls === 'first' ? [empty, filled] : [filled, empty]
  if (after === undefined) return all
  const [current, ...rest] = all.slice(all.findIndex(({ isEmpty }) => first.nulls === undefined || isEmpty === (after[0] === null)))
  if (current === undefined) return []
  return [{ ...current, where: and(current.where, behind(current.keys, current.isEmpty ? after.slice(1) : after)) }, ...rest]
}

/** Behind a place in the order of these keys. Whatever an index can give in order has one key, so that it can begin there. */
function behind (keys: readonly Key[], place: Place): SQL {
  const [first, ...others] = trimmed(keys) as [Key, ...Key[]]
  const [value = null, ...values] = place
  const isPast = isBehind(first, value)
  return others.length === 0 ? isPast : sql`(${isPast} or (${first.value} is not distinct from ${value} and ${behind(others, values)}))`
}

function isBehind ({ value: key, direction, nulls }: Key, value: string | number | null): SQL {
  if (value === null) return nulls === 'first' ? sql`${key} is not null` : sql`false`
  const isPast = direction === 'asc' ? sql`${key} > ${value}` : sql`${key} < ${value}`
  return nulls === 'last' ? sql`(${isPast} or ${key} is null)` : isPast
}

/** Without what comes after a key that no two people share. */
function trimmed (keys: readonly Key[]): readonly Key[] {
  const end = keys.findIndex(({ isUnique, nulls }) => isUnique && nulls === undefined)
  return keys.slice(0, end + 1)
}
