import { refuse } from '../../src/core/errors.ts'
import { toDate, toFlag, typeOf } from '../../src/core/formats.ts'
import { lineOf, linesOf, phoneOf } from '../../src/core/texts.ts'
import { StagedImage } from '../../src/images/stage.ts'
import type { Form } from './form.ts'
import type { Property } from '../validation.ts'

const KEEP = Symbol('keep')
const INTEGER = /^-?\d{1,16}$/

/** A list comes as JSON; what a form says is none. */
export function listOf (body: unknown): unknown[] {
  if (!Array.isArray(body)) refuse([{ field: null, code: 'not_a_list', params: { type: body instanceof Map ? 'object' : typeOf(body ?? null) } }])
  return body as unknown[]
}

/** What a body holds of these fields, however it came. */
export function valuesOf (properties: Record<string, Property>, body: unknown): Record<string, unknown> {
  if (body === undefined) return {}
  if (body instanceof Map) return valuesOfForm(properties, body as Form)
  if (body === null) refuse([{ field: null, code: 'no_data' }])
  if (typeof body !== 'object' || Array.isArray(body)) refuse([{ field: null, code: 'not_an_object', params: { type: typeOf(body) } }])
  return valuesOfJson(properties, body as object)
}

/**
 * The fields of a JSON object that a schema knows, each brought to the schema's own type where its value says what it means
 * (CONTRACT §1.3). What cannot be brought there stays as it is, for validation to refuse.
 */
function valuesOfJson (properties: Record<string, Property>, body: object): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [name, property] of entriesOf(properties)) {
    if (Object.hasOwn(body, name)) values[name] = toValue(property, (body as Record<string, unknown>)[name])
  }
  return values
}

type Entries = [name: string, property: Property][]
const listed = new WeakMap<Record<string, Property>, Entries>()

/** The properties in their order, listed once: they are many, and bodies name few. */
function entriesOf (properties: Record<string, Property>): Entries {
  const known = listed.get(properties)
  if (known !== undefined) return known
  const entries = Object.entries(properties)
  listed.set(properties, entries)
  return entries
}

/** The names in a body that the schema does not know, as a form would write them: with a dot before what stands inside an object. */
export function unknownIn (properties: Record<string, Property>, body: unknown): string[] {
  if (body instanceof Map) return [...(body as Form).keys()].filter((name) => !isKnown(properties, name))
  if (!isObject(body)) return []
  return Object.entries(body).flatMap(([name, value]) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (property === undefined) return [name]
    return property.properties === undefined ? [] : unknownIn(property.properties, value).map((inner) => `${name}.${inner}`)
  })
}

function isKnown (properties: Record<string, Property>, name: string): boolean {
  if (Object.hasOwn(properties, name)) return true
  const [outer = '', ...rest] = name.split('.')
  const inner = Object.hasOwn(properties, outer) ? properties[outer]?.properties : undefined
  return inner !== undefined && rest.length > 0 && isKnown(inner, rest.join('.'))
}

/** The same for a form, which can express neither null nor a list nor a type: of a repeated name the last counts. */
function valuesOfForm (properties: Record<string, Property>, form: Form): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [name, property] of entriesOf(properties)) {
    const sent = form.get(name)
    const value = property.properties === undefined
      ? sent === undefined ? KEEP : toValue(property, fromForm(property, sent))
      : nested(property.properties, form, `${name}.`)
    if (value !== KEEP) values[name] = value
  }
  return values
}

/** A form names what stands inside an object with a dot between. */
function nested (properties: Record<string, Property>, form: Form, prefix: string): unknown {
  const inner = [...form].filter(([name]) => name.startsWith(prefix)).map(([name, sent]) => [name.slice(prefix.length), sent] as const)
  return inner.length === 0 ? KEEP : valuesOfForm(properties, new Map(inner))
}

export const isOf = ({ type }: Property, name: string): boolean => type === name || (Array.isArray(type) && type.includes(name))

function fromForm (property: Property, sent: readonly unknown[]): unknown {
  if (property.type === 'array') return sent
  const last = sent.at(-1)
  if (property.image !== undefined) {
    const files = sent.filter((value) => value instanceof StagedImage)
    // Two files for one picture stay a list, which no picture may be.
    return files.length > 1 ? files : files[0] ?? (last === '' ? null : last)
  }
  if (last !== '') return last
  if (property.format === 'date' || (isOf(property, 'integer') && isOf(property, 'null'))) return null
  const isKept = isOf(property, 'boolean') || isOf(property, 'integer') || (property.enum !== undefined && !property.enum.includes(''))
  return isKept ? KEEP : last
}

function toValue (property: Property, value: unknown): unknown {
  if (property.readOnly) return value
  if (property.image !== undefined) return value === '' && property.image.blankClears ? null : value
  if (property.type === 'array') return toList(property, value)
  if (isOf(property, 'boolean')) return toFlag(value) ?? value
  if (isOf(property, 'integer')) return toInteger(value)
  if (property.properties !== undefined) return isObject(value) ? valuesOfJson(property.properties, value) : value
  return toText(property, value)
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A number that a double cannot hold stays a text, and is refused as one. */
function toInteger (value: unknown): unknown {
  const number = typeof value === 'string' && INTEGER.test(value.trim()) ? Number(value) : value
  // There is no -0 among integers.
  return Number.isSafeInteger(number) ? Number(number) + 0 : value
}

function toList ({ items = {} }: Property, value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return items.type === 'string' ? value.map((item) => toText(items, item)) : [...new Set(value.map(toInteger))]
}

function toText (property: Property, value: unknown): unknown {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || property.format === 'password') return text
  // Composing makes a K of U+212A: where only ASCII may stand, what was sent is what is judged.
  const isAscii = property.format === 'username' || property.format === 'email' || property.pattern !== undefined
  const trimmed = isAscii ? text.trim() : stored(property, text)
  if (property.format === 'date') return toDate(trimmed) ?? trimmed
  // A unique column holds no empty texts: the second of them would be a duplicate.
  return trimmed === '' && property.format === 'email' && property.type !== 'string' ? null : trimmed
}

/** What is compared with something, a choice or a pattern, is judged as it came. */
function stored ({ format = '' }: Property, text: string): string {
  if (format === 'phone') return phoneOf(text)
  return format === 'text' || format === 'uri' ? lineOf(text) : linesOf(text)
}
