import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { FieldRules } from '../../src/db/profile-fields.ts'
import { choice, email, flag, nullOnly, integer, kept, phone, text, url } from './values.ts'
import type { Value } from './values.ts'

type Rules = Pick<FieldRules, 'type'> & Partial<FieldRules>
/** `old`: what was stored when the rules were others; it may be sent back as it stands, and never newly. */
interface Declared { rules: Rules, values: Arbitrary<Value>, stored: (string | number | boolean)[], old?: (string | number | boolean)[] }

const NULL_OR_BLANK = ['null', '""']
const TEAMS = { red: 'red', 'Gr\u00f6\u00dfe L': 'Gr\u00f6\u00dfe L', null: 'null', 42: '42' }
const cleared: Arbitrary<Value> = fc.constantFrom(...NULL_OR_BLANK).map((raw) => ({ means: 'clear', json: [raw], form: [''] }))

/** One declared field of every type; some are mandatory, some not everybody's to write. Not in the order in which they are stored. */
const DECLARED: Record<string, Declared> = {
  motto: { rules: { type: 'string' }, values: text(255, NULL_OR_BLANK), stored: ['x', 'two words', "it's", '42', '{"a":1}'], old: ['o'.repeat(300)] },
  shoe_size: { rules: { type: 'integer' }, values: integer(true), stored: [0, 42, -1] },
  extension: { rules: { type: 'phone_number' }, values: phone(NULL_OR_BLANK), stored: ['+49 30 1234', '110'], old: ['at the desk'] },
  team: { rules: { type: 'enum', options: Object.keys(TEAMS) }, values: choice(TEAMS, cleared), stored: ['red', '42'], old: ['dissolved'] },
  blog: { rules: { type: 'url' }, values: url(200, NULL_OR_BLANK), stored: ['https://example.com/a'], old: ['www.example.com'] },
  assistant: { rules: { type: 'email' }, values: email(254, NULL_OR_BLANK), stored: ['x@example.net'], old: ['nobody'] },
  vegan: { rules: { type: 'checkbox' }, values: fc.oneof({ weight: 6, arbitrary: flag }, { weight: 1, arbitrary: nullOnly }), stored: [true, false] },

  badge: { rules: { type: 'string', isMandatory: true, isSearchable: true, read: 'member' }, values: text(255, []), stored: ['B-1', 'b'], old: ['b'.repeat(300)] },
  floor: { rules: { type: 'integer', isMandatory: true, read: 'self' }, values: integer(false), stored: [0, 7] },
  house: { rules: { type: 'enum', options: ['north', 'south'], isMandatory: true }, values: choice({ north: 'north', south: 'south' }, kept), stored: ['north'], old: ['east'] },
  oath: { rules: { type: 'checkbox', isMandatory: true }, values: flag, stored: [true, false] },

  hired: { rules: { type: 'string', isEditable: false }, values: text(255, NULL_OR_BLANK), stored: ['2020', 'long ago'] },
  grade: { rules: { type: 'integer', write: 'staff', read: 'self' }, values: integer(true), stored: [1, 13] },
  clearance: { rules: { type: 'enum', options: ['low', 'high'], write: 'admin' }, values: choice({ low: 'low', high: 'high' }, cleared), stored: ['low'] },

  // What every service begins with.
  company_name: { rules: { type: 'string' }, values: text(255, NULL_OR_BLANK), stored: ['Engines'] },
  company_role: { rules: { type: 'string' }, values: text(255, NULL_OR_BLANK), stored: ['Founder'] },
}

export const NEWLY_DECLARED = Object.entries(DECLARED).filter(([key]) => !key.startsWith('company_'))
  .map(([key, { rules }]): [string, FieldRules] => [key, { label: '', options: [], isMandatory: false, isEditable: true, isSearchable: false, read: 'public', write: 'self', ...rules }])

/** The columns and the values of a family whose declared fields go by the key behind this. */
export const declaredColumns = (prefix: string) => Object.fromEntries(Object.keys(DECLARED).map((key) => [prefix + key, `attributes.${key}`]))
export const declaredValues = (prefix: string): Record<string, Arbitrary<Value>> => Object.fromEntries(Object.entries(DECLARED).map(([key, { values }]) => [prefix + key, values]))

const KEY = /^attributes\.(.+)$/
/** The key of such a column. */
export const keyOf = (column: string): string | undefined => KEY.exec(column)?.[1]

/** What an empty field shows. */
export function shownAs (key: string, attributes: Record<string, unknown>): unknown {
  const { type } = (DECLARED[key] as Declared).rules
  return attributes[key] ?? (type === 'integer' || type === 'checkbox' ? null : '')
}

/** People write what is theirs and may still be edited, or is empty; staff all but what is the admins', admins all. */
export function mayWrite (key: string, actor: { isStaff: boolean, isAdmin: boolean }, stored: Record<string, unknown>): boolean {
  const { write = 'self', isEditable = true } = (DECLARED[key] as Declared).rules
  if (actor.isAdmin) return true
  return actor.isStaff ? write !== 'admin' : write === 'self' && (isEditable || stored[key] === undefined)
}

/** What is stored of an account: any of the fields, now and then by older rules, and of one that is no longer declared. */
export const attributes: Arbitrary<string> = fc.record({
  values: fc.record(Object.fromEntries(Object.entries(DECLARED).map(([key, { stored, old = [] }]) => [key, fc.constantFrom(undefined, ...stored, ...stored, ...old)]))),
  gone: fc.constantFrom(undefined, undefined, 'still here'),
  isSorted: fc.boolean(),
}).map(({ values, gone, isSorted }) => {
  const entries = Object.entries({ ...values, gone }).filter(([, value]) => value !== undefined)
  return JSON.stringify(Object.fromEntries(isSorted ? entries.sort(([a], [b]) => a < b ? -1 : 1) : entries))
})
