import type { Account, AttributeValue, Attributes, ProfileField } from '../../db/index.ts'
import type { FieldError, FieldErrorCode, Params } from '../errors.ts'
import { isEmail, isPhone, isUrl } from '../formats.ts'
import { faultOf } from '../texts.ts'

export type { AttributeValue, Attributes, ProfileField } from '../../db/index.ts'

/** Declared fields as an edit names them: a value sets, null or an empty text clears, an absent key keeps. */
export type AttributeChanges = Record<string, AttributeValue | null>
type Rules = Pick<ProfileField, 'type' | 'options' | 'isMandatory'>
type FieldOfType = Pick<ProfileField, 'key' | 'type'>

/** The longest text of each type, in code points. */
export const ATTRIBUTE_MAX = { string: 255, phone_number: 20, enum: 100, url: 200, email: 254 } as const

const FORMATS = {
  string: { isValid: () => true, code: 'invalid_value' },
  phone_number: { isValid: isPhone, code: 'invalid_value' },
  url: { isValid: isUrl, code: 'invalid_url' },
  email: { isValid: isEmail, code: 'invalid_email' },
} as const satisfies Record<string, { isValid: (value: string) => boolean, code: FieldErrorCode }>

/** What the core and its findings call a declared field. */
export const wordOf = (key: string): string => `attributes.${key}`
/** The key of such a word, or undefined when it is that of a built-in field. */
export const keyOf = (word: string): string | undefined => word.startsWith('attributes.') ? word.slice('attributes.'.length) : undefined

const isEmpty = (value: unknown): boolean => value === null || value === ''

/** What a field shows that holds nothing: the empty text, and null where there are no texts. */
export const emptyOf = ({ type }: Pick<ProfileField, 'type'>): '' | null => type === 'integer' || type === 'checkbox' ? null : ''

/** What is wrong with a value under these rules; undefined for one that may be stored. */
export function judge ({ type, options, isMandatory }: Rules, value: unknown): { code: FieldErrorCode, params?: Params } | undefined {
  if (value === null) return isMandatory ? { code: 'null' } : undefined
  if (type === 'checkbox') return typeof value === 'boolean' ? undefined : { code: 'invalid_boolean' }
  if (type === 'integer') return Number.isSafeInteger(value) ? undefined : { code: 'invalid_integer' }
  if (typeof value !== 'string') return { code: 'not_a_string' }
  if (value === '') return isMandatory ? { code: 'blank' } : undefined
  const fault = faultOf(value)
  if (fault !== undefined) return { code: fault }
  if (type === 'enum') return options.includes(value) ? undefined : { code: 'invalid_choice', params: { value: value.slice(0, ATTRIBUTE_MAX.enum) } }
  const limit = ATTRIBUTE_MAX[type]
  const { length: found } = [...value]
  if (found > limit) return { code: 'max_length', params: { limit, found } }
  const { isValid, code } = FORMATS[type]
  return isValid(value) ? undefined : { code }
}

/** What is wrong with these changes; a value that is stored already is not judged, so that a whole object can be sent back. */
export function findingsOf (declared: readonly ProfileField[], before: Attributes, changes: AttributeChanges = {}): FieldError[] {
  return declared.flatMap((field) => {
    const value = changes[field.key]
    if (value === undefined || value === shownOf(field, before)) return []
    const finding = judge(field, value)
    return finding === undefined ? [] : [{ field: wordOf(field.key), ...finding }]
  })
}

/** The mandatory fields that a new person does not bring. */
export function missing (declared: readonly ProfileField[], given: AttributeChanges): FieldError[] {
  return declared.filter(({ key, isMandatory }) => isMandatory && given[key] === undefined).map(({ key }) => ({ field: wordOf(key), code: 'required' }))
}

/**
 * What is stored after these changes, in one order of keys whatever the order of the changes. What is sent back as it is shown is
 * none: it may stand for a value that an earlier type of the field has left.
 */
export function merged (before: Attributes, changes: AttributeChanges, declared: readonly ProfileField[] = []): Attributes {
  const unchanged = new Set(declared.filter((field) => changes[field.key] === shownOf(field, before)).map(({ key }) => key))
  const changed = Object.fromEntries(Object.entries(changes).filter(([key]) => !unchanged.has(key)))
  const entries = Object.entries({ ...before, ...changed }).filter((entry): entry is [string, AttributeValue] => !isEmpty(entry[1]))
  return Object.fromEntries(entries.sort(([a], [b]) => a < b ? -1 : 1))
}

const TYPES = { integer: 'number', checkbox: 'boolean' } as const

function shownOf (field: FieldOfType, attributes: Attributes): AttributeValue | null {
  const value = attributes[field.key]
  const type = field.type === 'integer' || field.type === 'checkbox' ? TYPES[field.type] : 'string'
  return typeof value === type ? value as AttributeValue : emptyOf(field)
}

/** Whether a declared field shows anything of this account. */
export const isGiven = (field: FieldOfType, { attributes }: Pick<Account, 'attributes'>): boolean => !isEmpty(shownOf(field, attributes))

/** Every declared field as it is shown: what was stored under an earlier type of the field shows as empty. */
export function shown (declared: readonly ProfileField[], { attributes }: Pick<Account, 'attributes'>): Record<string, AttributeValue | null> {
  return Object.fromEntries(declared.map((field) => [field.key, shownOf(field, attributes)]))
}
