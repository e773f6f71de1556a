import type { Account } from '../../db/index.ts'
import type { FieldError } from '../errors.ts'
import { judge, wordOf } from '../fields/attributes.ts'
import type { AttributeValue, ProfileField } from '../fields/attributes.ts'
import { emptied, FIELDS } from '../fields/index.ts'
import { isLatLng } from '../formats.ts'
import { isText, linesOf } from '../texts.ts'
import type { Filter } from './conditions.ts'

/** The fields that people can be found by what they hold. */
export const EQUAL = [
  'id', 'username', 'email', 'firstName', 'lastName', 'realName', 'phone', 'gender', 'location', 'description', 'website', 'language',
  'isActive', 'isStaff', 'isAdmin', 'role', 'extId',
] as const
/** The times that people can be found by. */
export const SPANS = ['createdAt', 'updatedAt', 'lastLoginAt'] as const

/** From the first millisecond on and before the last. */
interface Span { from?: number, until?: number }

/** What people are to be like, by the names of their fields; all of it holds. null and "" stand for a field that is empty. */
export type Where = { [F in (typeof EQUAL)[number]]?: Account[F] | null } & { [F in (typeof SPANS)[number]]?: Span } & {
  isOnline?: boolean
  /** The id of a group that they are in. */
  group?: number
  /** The id of a tag that they were given. */
  tag?: number
  /** Declared fields by key, each with a value of its type. */
  attributes?: Record<string, AttributeValue | null>
  /** Around a place, `lat,lng`. */
  near?: { place: string, km: number }
}

/** The filters that these are, in one order however they came, and what is wrong with them. */
export function filtersOf (where: Where, declared: readonly ProfileField[]): { filters: Filter[], findings: FieldError[] } {
  const { isOnline, group, tag, attributes = {}, near } = where
  const isPlace = near !== undefined && isLatLng(near.place) && near.km > 0 && Number.isFinite(near.km)
  const named = declared.filter(({ key }) => attributes[key] !== undefined).map((field) => ({ field, value: composed(attributes[field.key] ?? null) }))
  const filters = [
    ...EQUAL.flatMap((field) => where[field] === undefined ? [] : equal(field, where[field])),
    ...SPANS.flatMap((field): Filter[] => where[field] === undefined ? [] : [{ is: 'between', field, ...where[field] }]),
    ...isOnline === undefined ? [] : [{ is: 'online', value: isOnline } as const],
    ...group === undefined ? [] : [{ is: 'in groups', ids: [group] } as const],
    ...tag === undefined ? [] : [{ is: 'tagged', tag } as const],
    ...named.map(({ field, value }): Filter => ({ is: 'attribute', key: field.key, type: TYPES[field.type], value: value === '' ? null : value })),
    ...isPlace ? [{ is: 'near', ...near } as const] : [],
  ]
  const unknown = Object.keys(attributes).filter((key) => declared.every((field) => field.key !== key))
  const findings: FieldError[] = [
    ...unknown.map((key): FieldError => ({ field: wordOf(key), code: 'unknown_field' })),
    ...named.flatMap(({ field, value }): FieldError[] => {
      const finding = judge({ ...field, isMandatory: false }, value)
      return finding === undefined ? [] : [{ field: wordOf(field.key), ...finding }]
    }),
    ...near !== undefined && !isPlace ? [{ field: 'near', code: 'invalid_value' } as const] : [],
  ]
  return { filters, findings }
}

const TYPES = { string: 'text', phone_number: 'text', enum: 'text', url: 'text', email: 'text', integer: 'integer', checkbox: 'boolean' } as const satisfies Record<ProfileField['type'], string>

/** A text as it would be stored. */
const composed = <V>(value: V): V | string => typeof value === 'string' && isText(value) ? linesOf(value) : value

function equal (field: (typeof EQUAL)[number], given: string | number | boolean | null): Filter {
  if (typeof given === 'string' && !isText(given)) return { is: 'nobody' }
  // What nobody clears has no word for being empty.
  const { [field]: value = null } = emptied({ [field]: given === '' && !('empty' in FIELDS[field]) ? null : composed(given) }) as Partial<Record<typeof field, typeof given>>
  return { is: 'equal', field, value }
}
