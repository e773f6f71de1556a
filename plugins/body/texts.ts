import secureJson from 'secure-json-parse'
import { AppError } from '../../src/core/errors.ts'

/** No form has more, and each costs memory. */
const PAIRS = 1_000

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Bytes to text; anything that is not UTF-8 is a `parse_error`, never a replacement character. */
export function textOf (bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (error) {
    throw new AppError('parse_error', { params: { reason: 'not UTF-8' }, cause: error })
  }
}

/** The value of a JSON body; undefined for an empty one. Numbers that cannot be held exactly are refused, not rounded. */
export function parseJson (bytes: Uint8Array): unknown {
  const text = textOf(bytes)
  if (text.trim() === '') return undefined
  let value: unknown
  try {
    value = secureJson.parse(text, null, { protoAction: 'error', constructorAction: 'error' })
  } catch (error) {
    throw new AppError('parse_error', { params: { reason: (error as Error).message }, cause: error })
  }
  requireExactNumbers(value)
  return value
}

/** Without recursion: a body may be nested deeper than the stack. */
function requireExactNumbers (root: unknown): void {
  const open = [root]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value === 'number') {
      const isExact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value)
      if (!isExact) throw new AppError('parse_error', { params: { reason: 'a number is out of range' } })
    } else if (typeof value === 'object' && value !== null) {
      for (const inner of Object.values(value)) open.push(inner)
    }
  }
}

/** The pairs of an urlencoded body, by name. */
export function parseUrlencoded (bytes: Uint8Array): Map<string, string[]> {
  const form = new Map<string, string[]>()
  const pairs = textOf(bytes).split('&', PAIRS + 1)
  if (pairs.length > PAIRS) throw new AppError('too_large', { params: { max: PAIRS, unit: 'fields', least: PAIRS + 1 } })
  for (const pair of pairs) {
    if (pair === '') continue
    const [name = '', ...value] = pair.split('=')
    append(form, decode(name), decode(value.join('=')))
  }
  return form
}

/** One more value under a name. A name that every object has is refused, whatever it is meant for. */
export function append<T> (form: Map<string, T[]>, name: string, value: T): void {
  if (name in Object.prototype) throw new AppError('parse_error', { params: { reason: `a field may not be called ${name}` } })
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
    throw new AppError('parse_error', { params: { reason: 'not UTF-8' }, cause: error })
  }
}
