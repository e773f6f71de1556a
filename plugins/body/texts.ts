import secureJson from 'secure-json-parse'
import { AppError } from '../../src/core/errors.ts'
import { ESCAPED } from './allowance.ts'
import type { Encoding } from './allowance.ts'
import type { Room } from './room.ts'

/** No form has more, and each costs memory. */
const PAIRS = 1_000

/** Every value of a JSON text but the first comes behind one of these, and no picture has many of them. */
const BEFORE_VALUES = ['[', '{', ',']

/** What each encoding is called where a body cannot be parsed; the first and the last as the originals call them (CONTRACT §1.1). */
export const PARSED: Record<Encoding, string> = { json: 'JSON', urlencoded: 'Urlencoded form', multipart: 'Multipart form' }

const utf8 = new TextDecoder('utf-8', { fatal: true })

export const unparsed = (encoding: Encoding, reason: string, cause?: unknown): AppError => new AppError('parse_error', { params: { of: PARSED[encoding], reason }, cause })

/** Bytes to text; anything that is not UTF-8 is a `parse_error`, never a replacement character. */
export function textOf (bytes: Uint8Array, encoding: Encoding): string {
  try {
    return utf8.decode(bytes)
  } catch (error) {
    throw unparsed(encoding, 'not UTF-8', error)
  }
}

/** The value of a JSON body; undefined for an empty one. Numbers that cannot be held exactly are refused, not rounded. */
export function parseJson (bytes: Buffer, room: Room): unknown {
  requireFewValues(bytes, room)
  const text = textOf(bytes, 'json')
  if (text.trim() === '') return undefined
  let value: unknown
  try {
    value = secureJson.parse(text, null, { protoAction: 'error', constructorAction: 'error' })
  } catch (error) {
    throw unparsed('json', (error as Error).message, error)
  }
  takeJson(bytes.length, value, room)
  requireExactNumbers(value)
  return value
}

/** Before they are made: values are much larger than their texts, and take longer. */
function requireFewValues (bytes: Buffer, { texts, take }: Room): void {
  if (bytes.length <= texts) return
  let values = 0
  for (const mark of BEFORE_VALUES) {
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) if (++values > texts) take(values)
  }
}

/** What is in the body beside pictures has to fit where there are none. */
function takeJson (length: number, value: unknown, { pictures, take }: Room): void {
  let rest = length
  for (const name of pictures) {
    const picture = (value as Record<string, unknown> | null)?.[name]
    if (typeof picture !== 'string') continue
    const bytes = Math.min(rest, Math.ceil(picture.length * ESCAPED.json))
    take(bytes, name)
    rest -= bytes
  }
  take(rest)
}

/** Without recursion: a body may be nested deeper than the stack. */
function requireExactNumbers (root: unknown): void {
  const open = [root]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value === 'number') {
      const isExact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value)
      if (!isExact) throw unparsed('json', 'a number is out of range')
    } else if (typeof value === 'object' && value !== null) {
      for (const inner of Object.values(value)) open.push(inner)
    }
  }
}

/** The pairs of an urlencoded body, by name. */
export function parseUrlencoded (bytes: Uint8Array, room: Room): Map<string, string[]> {
  const form = new Map<string, string[]>()
  const pairs = textOf(bytes, 'urlencoded').split('&', PAIRS + 1)
  if (pairs.length > PAIRS) throw new AppError('too_large', { params: { max: PAIRS, unit: 'fields', least: PAIRS + 1 } })
  for (const pair of pairs) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    const name = decode(at < 0 ? pair : pair.slice(0, at))
    room.take(pair.length, name)
    append(form, name, decode(at < 0 ? '' : pair.slice(at + 1)), 'urlencoded')
  }
  return form
}

/** One more value under a name. A name that every object has is refused, whatever it is meant for. */
export function append<T> (form: Map<string, T[]>, name: string, value: T, encoding: Encoding): void {
  if (name in Object.prototype) throw unparsed(encoding, `a field may not be called ${name}`)
  const values = form.get(name)
  if (values === undefined) form.set(name, [value])
  else values.push(value)
}

function decode (text: string): string {
  const spaced = text.replaceAll('+', ' ')
  // A stray % is just a percent sign; bytes that are no UTF-8 are an error.
  const escaped = spaced.replace(/%(?![0-9A-Fa-f]{2})/g, '%25')
  try {
    return decodeURIComponent(escaped)
  } catch (error) {
    throw unparsed('urlencoded', 'not UTF-8', error)
  }
}
