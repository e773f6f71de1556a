import type { LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import { ORDERS } from '../../src/core/directory/index.ts'
import type { PageQuestion, Where } from '../../src/core/directory/index.ts'
import { EQUAL, SPANS } from '../../src/core/directory/filters.ts'
import type { Built } from '../helper.ts'
import { FIELDS, GROUPS, TAGS } from './people.ts'
import type { Known } from './people.ts'
import { CLEARED, digits, fold, held, isTagged, matches, maySee, ordered } from './reference.ts'
import type { Asker, Key } from './reference.ts'

interface World {
  people: Known[]
  askers: Asker[]
  /** What each of them sends. */
  headers: ReadonlyMap<Asker, object>
  random: (below: number) => number
  piece: (text: string) => string
  kilometres: (a: string, b: string) => number
  seed: number
}

type Order = NonNullable<PageQuestion['order']>
type Holds = (person: Known) => boolean

const QUESTIONS = 80
const FROM = '51.5,-0.1'
const SEARCHED = ['id', 'username', 'email', 'phone', 'realName', 'firstName', 'lastName', 'location', 'description'] as const
const placeOf = (person: Known): string => person.positionLatLng || person.locationLatLng
const isEmpty = (value: unknown): boolean => value === null || value === ''

/** What a person is ordered by, as the asker sees it. */
function keysOf (asker: Asker, order: Order, kilometres: World['kilometres']): [keyOf: (person: Known) => Key, sign: 1 | -1][] {
  return order.flatMap(({ by, direction }): [keyOf: (person: Known) => Key, sign: 1 | -1][] => {
    const sign = direction === 'asc' ? 1 : -1
    if (by !== 'distance') return [[(person) => keyOf(asker, person, by), sign]]
    const far = (person: Known): number => maySee(asker, person, 'positionLatLng') && placeOf(person) !== '' ? kilometres(FROM, placeOf(person)) : NaN
    return [[(person) => Number.isNaN(far(person)), 1], [(person) => far(person) || 0, sign]]
  })
}

function keyOf (asker: Asker, person: Known, by: Exclude<Order[number]['by'], 'distance'>): Key {
  if (by === 'username') return person.username.toLowerCase()
  const value = held(asker, person, by) as string | number | null
  if (by === 'email') return String(value ?? '').toLowerCase() || null
  return typeof value === 'string' ? fold(value) : value
}

const isPlaced = (asker: Asker, people: readonly Known[], id: number): boolean => people.some((person) => person.id === id && maySee(asker, person, 'positionLatLng') && placeOf(person) !== '')

/** Random conditions, and who fulfils them. */
function asked (asker: Asker, names: string[], { people, random, piece, kilometres }: World): { question: PageQuestion, holds: Holds } {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T
  const somebody = pick(people)
  const where: Record<string, unknown> = {}
  const all: Holds[] = []
  let search: { text: string } | undefined
  for (const name of names) {
    if (name === 'search') {
      search = { text: pick([() => piece(somebody.username), () => piece(somebody.firstName || 'a'), () => somebody.phone ?? '1', () => String(somebody.attributes.nickname ?? 'e')])() }
      all.push((person) => matches(asker, person, search?.text ?? '', [...SEARCHED]))
    } else if (name === 'near') {
      where.near = { place: FROM, km: 100 }
      all.push((person) => maySee(asker, person, 'positionLatLng') && placeOf(person) !== '' && kilometres(FROM, placeOf(person)) <= 100)
    } else if (name === 'isOnline') {
      const is = where.isOnline = random(2) === 0
      all.push((person) => maySee(asker, person, 'lastSeenAt') && is === ((person.lastSeenAt ?? 0) > Date.now() - 5 * 60_000))
    } else if (name === 'group') {
      const id = where.group = pick(GROUPS)
      all.push((person) => maySee(asker, person, 'groups') && person.groups.includes(id))
    } else if (name === 'tag') {
      const { id } = pick(TAGS)
      where.tag = id
      all.push((person) => isTagged(asker, person, id))
    } else if (name === 'attributes') {
      const { key, type, read } = pick(FIELDS)
      const value = random(4) === 0 ? null : somebody.attributes[key] ?? (type === 'integer' ? 7 : '')
      where.attributes = { [key]: value }
      const seen = (person: Known) => maySee(asker, person, `attributes.${key}`, read) ? person.attributes[key] ?? null : null
      all.push((person) => isEmpty(value) ? seen(person) === null : seen(person) === value)
    } else if ((SPANS as readonly string[]).includes(name)) {
      const [a = 0, b = 0] = [somebody.createdAt, pick(people).createdAt].sort((a, b) => a - b)
      where[name] = pick([{ from: a, until: b }, { from: a }, { until: b }])
      const { from = -Infinity, until = Infinity } = where[name] as { from?: number, until?: number }
      all.push((person) => {
        const at = held(asker, person, name as 'createdAt')
        return typeof at === 'number' && at >= from && at < until
      })
    } else {
      const [value, is] = equal(name as (typeof EQUAL)[number], somebody, asker, random)
      where[name] = value
      all.push(is)
    }
  }
  return { question: { limit: 1, where: where as Where, ...search !== undefined && { search } }, holds: (person) => all.every((holds) => holds(person)) }
}

function equal (field: (typeof EQUAL)[number], somebody: Known, asker: Asker, random: World['random']): [value: unknown, holds: Holds] {
  const own = somebody[field]
  const value = random(5) === 0 && typeof own !== 'boolean' && field !== 'id' && field !== 'username' ? [null, ''][random(2)] : own
  if (isEmpty(value)) return [value, (person) => field in CLEARED ? held(asker, person, field) === CLEARED[field] : isEmpty(held(asker, person, field))]
  if (field === 'username' || field === 'email') return [String(value).toUpperCase(), (person) => String(held(asker, person, field) ?? '').toLowerCase() === String(value).toLowerCase()]
  if (field === 'phone') return [String(value).replace('+', '00').replaceAll('-', ' '), (person) => digits(String(held(asker, person, field) ?? '')) === digits(String(value))]
  // As it may be typed: the letters and their accents apart.
  if (typeof value === 'string') return [value.normalize('NFD'), (person) => held(asker, person, field) === value]
  return [value, (person) => held(asker, person, field) === value]
}

/** Every page of a list, one after the other; `between` is awaited before each but the first. */
async function pagesOf ({ core }: Built, asker: Asker, question: PageQuestion, between: () => Promise<void> = async () => {}): Promise<number[][]> {
  const pages: number[][] = []
  let after: string | undefined
  do {
    if (pages.length > 0) await between()
    const { people, next } = await core.directory.page({ actor: asker, address: '' }, { ...question, ...after !== undefined && { after } })
    pages.push(people.map(({ id }) => id))
    after = next ?? undefined
  } while (after !== undefined)
  return pages
}

/** The same question as the native family is asked it. */
function urlOf ({ where = {}, search, order = [], limit }: PageQuestion, isCounted: boolean): string {
  const { near, attributes = {}, ...others } = where
  const time = (at: number | undefined) => at === undefined ? '..' : new Date(at).toISOString()
  const text = (value: unknown) => typeof value === 'object' && value !== null ? `${time((value as { from?: number }).from)}/${time((value as { until?: number }).until)}` : String(value ?? '')
  const sent = Object.entries({ ...others, ...Object.fromEntries(Object.entries(attributes).map(([key, value]) => [`attributes.${key}`, value])) }).map(([name, value]) => [name, text(value)])
  // Over HTTP how far somebody is away is from where they are looked for.
  const from = near ?? (order.some(({ by }) => by === 'distance') ? { place: FROM, km: 50_000 } : undefined)
  return `/v1/people?${new URLSearchParams([
    ...sent as [string, string][], ...from === undefined ? [] : [['near', `${from.place},${from.km}km`]], ...search === undefined ? [] : [['q', search.text]],
    ['order', order.map(({ by, direction }) => `${direction === 'asc' ? '' : '-'}${by}`).join() || 'id'], ['limit', String(limit)], ['fields', 'id'], ...isCounted ? [['count', 'exact']] : [],
  ] as [string, string][])}`
}

/** And what it answers, page by page as `Link` leads. */
async function pagesOverHttp ({ app }: Built, headers: object | undefined, question: PageQuestion, isCounted: boolean, between: () => Promise<void> = async () => {}): Promise<{ pages: number[][], totals: (number | undefined)[] }> {
  const [pages, totals]: [number[][], (number | undefined)[]] = [[], []]
  for (let url: string | undefined = urlOf(question, isCounted); url !== undefined;) {
    if (pages.length > 0) await between()
    const response: LightMyRequestResponse = await app.inject({ url, headers: headers as Record<string, string> })
    const { items, next, total } = response.json<{ items: { id: number }[], next: string | null, total?: number }>()
    if (response.statusCode !== 200) throw new Error(`${url}: ${response.body}`)
    pages.push(items.map(({ id }) => id))
    totals.push(total)
    url = /^<http:\/\/[^/]*(\/v1\/people\?.*)>; rel="next"$/.exec(String(response.headers.link))?.[1]
    if ((url === undefined) !== (next === null)) throw new Error(`${next}: ${response.headers.link}`)
  }
  return { pages, totals }
}

/** The pages of a list, put together, are the whole list as the reference has it. */
export async function byPages (t: Test, built: Built, world: World): Promise<void> {
  const { people, askers, headers, random, kilometres, seed } = world
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T
  // Whoever asked before is online.
  for (const asker of askers) if (asker !== null) [asker.lastSeenAt] = [Date.now(), built.core.presence.saw(asker.id)]
  const there = people.filter(({ deletedAt }) => deletedAt === null)
  const filters = [...EQUAL, ...SPANS, 'search', 'near', 'isOnline', 'group', 'tag', 'attributes', 'attributes']
  const counted = new Map<string, number>()
  for (let i = 0; i < QUESTIONS; i++) {
    const asker = pick(askers)
    const names = i < 2 * filters.length ? [filters[i % filters.length] as string] : [...new Set(filters)].filter(() => random(12) === 0)
    const { question, holds } = asked(asker, names, world)
    const order = ORDERS.filter((by, at) => at === i % ORDERS.length || random(5) === 0).sort(() => random(2) - 0.5)
      .map((by) => ({ by, direction: pick(['asc', 'desc'] as const), ...by === 'distance' && { from: FROM } }))
    const wanted = ordered(there.filter(holds), keysOf(asker, order, kilometres)).map(({ id }) => id)
    const limit = Math.min(100, 1 + Math.floor(wanted.length / (1 + random(6))) + random(3))
    const pages = await pagesOf(built, asker, { ...question, order, limit })
    const count = await built.core.directory.count({ actor: asker, address: '' }, question)
    const sizes = pages.map((page) => page.length)
    const expected = Array.from({ length: Math.max(1, Math.ceil(wanted.length / limit)) }, (_, at) => Math.min(limit, wanted.length - at * limit))
    const found = JSON.stringify([pages.flat(), sizes, count])
    if (found !== JSON.stringify([wanted, expected, wanted.length])) t.same([pages.flat(), sizes, count], [wanted, expected, wanted.length], `${JSON.stringify([question, order, limit])} asked by ${JSON.stringify(asker)}, VISAGE_SEED=${seed}`)
    // Whoever is nowhere is not near anything either.
    const placed = order.some(({ by }) => by === 'distance') ? wanted.filter((id) => isPlaced(asker, people, id)) : wanted
    const told = await pagesOverHttp(built, headers.get(asker), { ...question, order, limit }, i % 4 === 0)
    const said = JSON.stringify([told.pages.flat(), [...new Set(told.totals)]])
    const meant = JSON.stringify([placed, [i % 4 === 0 ? placed.length : undefined]])
    if (said !== meant) t.equal(said, meant, `${urlOf({ ...question, order, limit }, i % 4 === 0)} asked by ${JSON.stringify(asker)}, VISAGE_SEED=${seed}`)
    for (const name of [...names, ...order.map(({ by }) => `order ${by}`)]) counted.set(name, (counted.get(name) ?? 0) + Number(wanted.length > 0))
  }
  t.same([...filters, ...ORDERS.map((by) => `order ${by}`)].filter((name) => !counted.has(name)), [], 'everything was asked')
}

/** People write while a list is read: whoever is there all the time and stays where the order has them is told once. */
export async function turnPages (t: Test, built: Built, { people, askers, headers, random, kilometres, seed }: World): Promise<void> {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T
  const there = new Map(people.filter(({ deletedAt }) => deletedAt === null).map((person) => [person.id, person]))
  const asking = new Set(askers.map((asker) => asker?.id))
  let made = 0
  for (const [round, by] of ORDERS.entries()) {
    const asker = askers[round % askers.length] as Asker
    const order: Order = [{ by, direction: pick(['asc', 'desc'] as const), ...by === 'distance' && { from: FROM } }]
    const restless = new Set<number>()
    const before = [...there.values()]

    async function write (): Promise<void> {
      const writable = [...there.values()].filter(({ id }) => !asking.has(id))
      const [moved, edited, removed, hidden] = [pick(writable), pick(writable), pick(writable), pick(writable)]
      const values = { username: `moved-${made++}`, email: `moved-${made}@example.com`, realName: pick(['Ada', 'zoe', 'Ünal', '']), firstName: pick(['A', 'z', '']), lastName: pick(['A', 'z', '']), location: pick(['zug', '']), createdAt: Date.now() - random(1e10), updatedAt: Date.now() - random(1e10), lastLoginAt: pick([null, Date.now() - random(1e10)]), positionLatLng: pick(['0,0', '51.5,-0.1', '']) }
      for (const { id } of [moved, removed, hidden]) restless.add(id)
      await built.core.db.write(async (tx) => {
        Object.assign(moved, await tx.users.update(moved.id, values))
        // What the order does not go by leaves them where they are.
        Object.assign(edited, await tx.users.update(edited.id, { phone: '5', bio: 'moved', version: random(9) + 2 }))
        await tx.users.remove(removed.id)
        there.delete(removed.id)
        if (there.delete(hidden.id) && hidden !== removed) await tx.users.update(hidden.id, { deletedAt: 1 })
        const row = await tx.users.insert({ ...values, username: `new-${made++}`, email: `new-${made}@example.com` })
        there.set(row.id, { ...row, groups: [], tags: [], hasToken: false })
        restless.add(row.id)
      })
    }

    // So that there are some thirty pages, and somebody writes before each.
    const question = { order, limit: Math.ceil(there.size / 32) + random(20) }
    // What the native family is asked is asked of the core.
    const isOverHttp = round % 2 === 0 && by !== 'distance'
    const found = (isOverHttp ? (await pagesOverHttp(built, headers.get(asker), question, false, write)).pages : await pagesOf(built, asker, question, write)).flat()
    const steady = ordered(before.filter(({ id }) => !restless.has(id)), keysOf(asker, order, kilometres)).map(({ id }) => id)
    const told = found.filter((id) => !restless.has(id))
    if (JSON.stringify(told) !== JSON.stringify(steady)) t.same(told, steady, `${JSON.stringify(order)} asked by ${asker?.id}, VISAGE_SEED=${seed}`)
    t.ok(restless.size > 20, `${restless.size} people moved, came or went while they were ordered by ${by}`)
  }
}
