import { FIELDS, PASSWORD_MAX } from '../../src/core/fields/index.ts'
import type { ImageKind } from '../../src/images/formats.ts'
import type { Property } from '../validation.ts'
import { isOf } from './values.ts'

export type Encoding = 'json' | 'urlencoded' | 'multipart'

/** What a body may be in one encoding, in bytes. */
export interface Allowance {
  /** Everything that is no picture, ignored keys included. */
  texts: number
  /** Each picture that comes as base64, by name. */
  pictures: ReadonlyMap<string, number>
  /** All of it. */
  total: number
}

/** Keys that the route does not know: clients send whole objects back. */
export const IGNORED_BYTES = 64 * 1_024
/**
 * Characters of a text that has no limit in its schema, such as a password, a code or a token: eight times the longest
 * password, so that whoever sends one that is too long is told so. Tokens are ASCII, and as bytes that is most of a header.
 */
const LONGEST_TEXT = 8 * PASSWORD_MAX
/** The same for a text in a list, which is a name. */
const LONGEST_NAME = FIELDS.username.max
/** Items of a list that has no limit in its schema; each is an id or a short text. */
const LONGEST_LIST = 200
/** A boolean or a number in any of its spellings. */
const WORD_BYTES = 32
/** Quotes, colon, comma and a space, or what a form has in their place. */
const AROUND_BYTES = 8

/** The longest form of a character: `\ud83d\ude00`, `%F0%9F%98%80`, or its bytes. */
const CHARACTER_BYTES: Record<Encoding, number> = { json: 12, urlencoded: 12, multipart: 4 }
/** The digits of base64, for each byte of the picture. */
const DIGITS = 4 / 3
/** How much longer digits get by line breaks and by what is escaped of them: `/` in JSON; `+`, `/` and `=` in a form. */
export const ESCAPED: Record<Encoding, number> = { json: 15 / 14, urlencoded: 8 / 7, multipart: 15 / 14 }

/** What bodies of this schema may be: the longest that each of its fields can be, and keys that are ignored. */
export function allowanceOf (schema: Property, maxBytes: Record<ImageKind, number>, encoding: Encoding): Allowance {
  const named = Object.entries(schema.properties ?? {}).flatMap(([name, { image }]) => image?.base64 === true ? [[name, image.kind] as const] : [])
  const pictures = new Map(named.map(([name, kind]) => [name, Math.ceil(maxBytes[kind] * DIGITS * ESCAPED[encoding])]))
  const texts = schema.maxBytes ?? bytesOf(schema, CHARACTER_BYTES[encoding]) + IGNORED_BYTES
  return { texts, pictures, total: [...pictures.values()].reduce((sum, bytes) => sum + bytes, texts) }
}

function bytesOf (property: Property, character: number, longest = LONGEST_TEXT): number {
  // Whole objects that are sent back come on what is ignored.
  if (property.readOnly) return 0
  const { properties, items, maxItems = LONGEST_LIST, maxLength = longest, enum: choices } = property
  if (items !== undefined) return maxItems * (bytesOf(items, character, LONGEST_NAME) + AROUND_BYTES)
  if (properties !== undefined) return Object.entries(properties).reduce((sum, [name, inner]) => sum + name.length + AROUND_BYTES + bytesOf(inner, character), 0)
  if (choices !== undefined) return Math.max(0, ...choices.map((choice) => String(choice).length)) * character
  return isOf(property, 'boolean') || isOf(property, 'integer') ? WORD_BYTES : maxLength * character
}
