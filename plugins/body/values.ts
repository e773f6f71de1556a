import { hasEndlessMarks, toDate } from '../../src/core/formats.ts'
import { StagedImage } from '../../src/images/stage.ts'
import type { Form } from './form.ts'
import type { Property } from '../validation.ts'

const KEEP = Symbol('keep')
const spellings = (...words: string[]) => words.flatMap((word) => [word, word.toUpperCase(), word[0]?.toUpperCase() + word.slice(1)])
const TRUE = new Set<unknown>([true, 1, ...spellings('t', 'y', 'yes', 'true', 'on', '1')])
const FALSE = new Set<unknown>([false, 0, ...spellings('f', 'n', 'no', 'false', 'off', '0')])
const INTEGER = /^-?\d{1,16}$/

/**
 * The fields of a JSON object that a schema knows, each brought to the schema's own type where its value says what it means
 * (CONTRACT §1.3). What cannot be brought there stays as it is, for validation to refuse.
 */
export function valuesOfJson (properties: Record<string, Property>, body: object): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [name, property] of Object.entries(properties)) {
    if (Object.hasOwn(body, name)) values[name] = toValue(property, (body as Record<string, unknown>)[name])
  }
  return values
}

/** The same for a form, which can express neither null nor a list nor a type: of a repeated name the last counts. */
export function valuesOfForm (properties: Record<string, Property>, form: Form): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [name, property] of Object.entries(properties)) {
    const sent = form.get(name)
    const value = sent === undefined ? KEEP : toValue(property, fromForm(property, sent))
    if (value !== KEEP) values[name] = value
  }
  return values
}

function fromForm (property: Property, sent: readonly unknown[]): unknown {
  if (property.type === 'array') return sent
  const last = sent.at(-1)
  if (property.image !== undefined) {
    const files = sent.filter((value) => value instanceof StagedImage)
    // Two files for one picture stay a list, which no picture may be.
    return files.length > 1 ? files : files[0] ?? (last === '' ? null : last)
  }
  if (last !== '') return last
  if (property.format === 'date') return null
  const isKept = property.type === 'boolean' || property.type === 'integer' || (property.enum !== undefined && !property.enum.includes(''))
  return isKept ? KEEP : last
}

function toValue (property: Property, value: unknown): unknown {
  if (property.image !== undefined) return value === '' && property.image.blankClears ? null : value
  if (property.type === 'array') return toIds(value)
  if (property.type === 'boolean') return toBoolean(value)
  if (property.type === 'integer') return toInteger(value)
  return toText(property, value)
}

function toBoolean (value: unknown): unknown {
  if (TRUE.has(value)) return true
  return FALSE.has(value) ? false : value
}

/** A number that a double cannot hold stays a text, and is refused as one. */
function toInteger (value: unknown): unknown {
  const number = typeof value === 'string' && INTEGER.test(value.trim()) ? Number(value) : NaN
  return Number.isSafeInteger(number) ? number : value
}

function toIds (value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return [...new Set(value.map(toInteger))]
}

function toText (property: Property, value: unknown): unknown {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || property.format === 'password') return text
  // Composing makes a K of U+212A: where only ASCII may stand, what was sent is what is judged.
  const isAscii = property.format === 'username' || property.format === 'email' || property.pattern !== undefined
  const trimmed = (isAscii || hasEndlessMarks(text) ? text : text.normalize('NFC')).trim()
  if (property.format === 'date') return toDate(trimmed) ?? trimmed
  // A unique column holds no empty texts: the second of them would be a duplicate.
  return trimmed === '' && property.format === 'email' && property.type !== 'string' ? null : trimmed
}
