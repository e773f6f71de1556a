import type { Filter, Question } from '../../src/core/directory/index.ts'
import { isLatLng } from '../../src/core/formats.ts'
import type { UserRow } from '../../src/core/people/users.ts'
import { flagOf, idsOf, numberOf, orderOf, textOf } from '../query.ts'
import { GENDERS } from './schemas.ts'

type Asked = Omit<Question, 'limit' | 'offset'>

/** What a search of the family looks at, the declared fields that can be searched among them. */
const SEARCHED: NonNullable<Question['search']>['in'] = ['username', 'realName', 'attributes']
const LIST_ORDER = { id: 'id', username: 'username', real_name: 'realName', location: 'location', date_joined: 'createdAt' } as const
const SEARCH_ORDER = { ...LIST_ORDER, distance: 'distance' } as const
const HOLDERS_ORDER = { id: 'id', username: 'username', real_name: 'realName' } as const
/** How far away is still near. */
const NEAR_KM = 100
/** The ranges that the original's client offers, by the least age and the first that is too high. */
const AGES: Record<string, { least?: number, above?: number }> = { '-30': { above: 30 }, '30-45': { least: 30, above: 46 }, '45+': { least: 45 } }

/** What `GET /user/` and `GET /user/autocomplete/` ask for. */
export function listQuestion (query: object): Asked {
  return {
    ...searchOf(textOf(query, 'search')),
    where: [
      ...containing(query, { username: 'username', real_name: 'realName', location: 'location', description: 'description' }),
      ...ofGender(query),
      ...excluding(query),
    ],
    order: orderOf(query, LIST_ORDER).map(([by, direction]) => ({ by, direction })),
  }
}

/** What `GET /user/search/` asks for: with `user`, the two names are not looked at. */
export function searchQuestion (query: object, asker: UserRow | null): Asked {
  const user = textOf(query, 'user')
  const from = placeOf(query, asker)
  const [tag, category, isStaff] = [numberOf(query, 'tag'), textOf(query, 'category'), flagOf(query, 'is_staff')]
  const where: Filter[] = [
    ...containing(query, { ...user === undefined && { username: 'username', real_name: 'realName' }, location: 'location', description: 'description' }),
    ...ofGender(query),
    ...ofAge(query),
    ...isStaff === undefined ? [] : [{ is: 'one of', field: 'isStaff', values: [isStaff] } as const],
    ...tag === undefined ? [] : [{ is: 'tagged', tag } as const],
    // There are no categories here that anybody could follow.
    ...category === undefined ? [] : [{ is: 'nobody' } as const],
    ...from === undefined ? [] : [{ is: 'near', place: from, km: NEAR_KM } as const],
  ]
  const order = orderOf(query, SEARCH_ORDER).filter(([by]) => by !== 'distance' || from !== undefined)
  return { ...searchOf(user), where, order: order.map(([by, direction]) => ({ by, direction, ...from !== undefined && { from } })) }
}

/** What `GET /tag/user/` asks for. */
export function holdersQuestion (query: object, tag: number): Asked {
  return { where: [{ is: 'tagged', tag }], order: orderOf(query, HOLDERS_ORDER).map(([by, direction]) => ({ by, direction })) }
}

const searchOf = (text: string | undefined) => text === undefined ? {} : { search: { text, in: SEARCHED } }

function containing (query: object, names: Record<string, 'username' | 'realName' | 'location' | 'description'>): Filter[] {
  return Object.entries(names).flatMap(([wire, field]): Filter[] => {
    const text = textOf(query, wire)
    return text === undefined ? [] : [{ is: 'containing', text, in: [field] }]
  })
}

/** Of a gender as it is shown: whoever's the family has no word for is Unspecified. */
function ofGender (query: object): Filter[] {
  const gender = textOf(query, 'gender')
  if (gender === undefined) return []
  return [{ is: 'one of', field: 'gender', values: Object.entries(GENDERS).filter(([, wire]) => wire === gender).map(([core]) => core) }]
}

function ofAge (query: object): Filter[] {
  const { least, above } = AGES[textOf(query, 'age') ?? ''] ?? {}
  if (least === undefined && above === undefined) return []
  return [{ is: 'between', field: 'dateOfBirth', ...above !== undefined && { from: dayAfter(above) }, ...least !== undefined && { until: dayAfter(least) } }]
}

/** The day after the one on which whoever turns so many years old today was born. */
function dayAfter (years: number): string {
  const now = new Date()
  return new Date(Date.UTC(now.getUTCFullYear() - years, now.getUTCMonth(), now.getUTCDate() + 1)).toISOString().slice(0, 10)
}

function placeOf (query: object, asker: UserRow | null): string | undefined {
  const own = flagOf(query, 'user_position') === true && asker !== null ? asker.positionLatLng || asker.locationLatLng : ''
  const place = textOf(query, 'lat_lng') ?? own
  return isLatLng(place) ? place : undefined
}

function excluding (query: object): Filter[] {
  const ids = idsOf(query, 'exclude')
  return ids === undefined ? [] : [{ is: 'among', ids, value: false }]
}
