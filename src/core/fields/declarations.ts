import type { FieldRules } from '../../db/index.ts'
import type { FieldError } from '../errors.ts'
import { faultOf, isText, lineOf } from '../texts.ts'
import { ATTRIBUTE_MAX } from './attributes.ts'
import type { ProfileField } from './attributes.ts'
import { AUDIENCES } from './visibility.ts'

export type { FieldRules } from '../../db/index.ts'

/** What an operator says of a field; what is left out is as it was, or as it stands in `UNSAID`. */
export type Declaration = Partial<FieldRules>

export const TYPES = ['string', 'integer', 'phone_number', 'enum', 'url', 'email', 'checkbox'] as const
export const READERS = AUDIENCES
export const WRITERS = ['self', 'staff', 'admin'] as const

export const KEY_PATTERN = '^[a-z][a-z0-9_]{0,49}$'
export const LABEL_MAX = 100
export const OPTIONS_MAX = 200
const FIELDS_MAX = 100

/** What a new field is unless it is declared otherwise. */
export const UNSAID: FieldRules = { label: '', type: 'string', options: [], isMandatory: false, isEditable: true, isSearchable: false, read: 'public', write: 'self' }

const KEY = new RegExp(KEY_PATTERN)

/** The rules after a declaration. Choices stay with a field only while it is an `enum`, and read as values will: composed and trimmed. */
export function ruled ({ label, type, options, isMandatory, isEditable, isSearchable, read, write }: FieldRules, said: Declaration): FieldRules {
  const rules = { label, type, isMandatory, isEditable, isSearchable, read, write, ...said }
  const kept = rules.type === 'enum' ? options : []
  return { ...rules, label: tidy(rules.label), options: said.options?.map(tidy) ?? kept }
}

const tidy = (text: string): string => isText(text) ? lineOf(text) : text

/** What is wrong with the key of a new field, among all fields that have one. */
export function findingsOfKey (key: string, fields: readonly ProfileField[], reserved: ReadonlySet<string>): FieldError[] {
  const found = (code: FieldError['code']): FieldError[] => [{ field: 'key', code }]
  if (!KEY.test(key)) return found('invalid_key')
  // Such as `constructor`: what every object has under the name would pass for a value.
  if (reserved.has(key) || key in Object.prototype) return found('key_reserved')
  const holder = fields.find((field) => field.key === key)
  if (holder !== undefined) return found(holder.droppedAt === null ? 'key_taken' : 'key_in_removal')
  return fields.length < FIELDS_MAX ? [] : [{ field: null, code: 'too_many_fields', params: { limit: FIELDS_MAX } }]
}

/** What is wrong with the rules of a field. */
export function findingsOf (rules: FieldRules): FieldError[] {
  const { label, type, read, write } = rules
  return [
    ...ofText('label', label, LABEL_MAX),
    ...ofChoice('type', type, TYPES),
    ...TYPES.includes(type) ? ofOptions(rules) : [],
    ...ofChoice('read', read, READERS),
    ...ofChoice('write', write, WRITERS),
  ]
}

function ofText (field: string, text: string, limit: number): FieldError[] {
  const fault = faultOf(text)
  if (fault !== undefined) return [{ field, code: fault }]
  const { length: found } = [...text]
  return found > limit ? [{ field, code: 'max_length', params: { limit, found } }] : []
}

function ofChoice (field: string, value: string, choices: readonly string[]): FieldError[] {
  return choices.includes(value) ? [] : [{ field, code: 'invalid_choice', params: { value: value.slice(0, LABEL_MAX) } }]
}

/** Of several findings in the choices the first is told. */
function ofOptions ({ type, options }: FieldRules): FieldError[] {
  const field = 'options'
  if (type !== 'enum') return options.length === 0 ? [] : [{ field, code: 'options_unexpected' }]
  if (options.length === 0) return [{ field, code: 'required' }]
  if (options.length > OPTIONS_MAX) return [{ field, code: 'too_many_options', params: { limit: OPTIONS_MAX, found: options.length } }]
  const repeated = options.find((option, i) => options.indexOf(option) !== i)
  return [
    ...options.includes('') ? [{ field, code: 'blank' } as const] : [],
    ...options.flatMap((option) => ofText(field, option, ATTRIBUTE_MAX.enum)),
    ...repeated === undefined ? [] : [{ field, code: 'repeated_option', params: { value: repeated } } as const],
  ].slice(0, 1)
}
