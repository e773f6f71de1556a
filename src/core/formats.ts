import { deliverable } from '../texts/email.ts'

/** The shapes that texts must have. Every expression is linear: none can be made slow by its input. */

// ASCII, and without the flags `u` and `i` together: those let U+212A and U+017F pass for k and s.
const USERNAME = /^[A-Za-z0-9_.@+-]+$/
const LOCAL_PART = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/
const TOP_LEVEL = /^(?:[A-Za-z]{2,63}|xn--[A-Za-z0-9-]{1,59})$/
const URL_START = /^(?:https?|ftps?):\/\/[^\s]+$/i
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/
const DATE = /^(\d{4})-(\d{1,2})-(\d{1,2})$/
const DECIMAL = /^[+-]?\d{1,3}(?:\.\d{1,20})?$/
const PHONE = /^[+\uff0b]?[\p{Nd}\p{Pd} ()./]+$/u
const NUMBER = /^-?\d{1,5}(?:\.\d{1,20})?$/
const ID = /^[1-9][0-9]{0,15}$/
const spellings = (...words: string[]) => words.flatMap((word) => [word, word.toUpperCase(), word[0]?.toUpperCase() + word.slice(1)])
const TRUE = new Set<unknown>([true, 1, ...spellings('t', 'y', 'yes', 'true', 'on', '1')])
const FALSE = new Set<unknown>([false, 0, ...spellings('f', 'n', 'no', 'false', 'off', '0')])

export const isUsername = (value: string): boolean => USERNAME.test(value)

function isDomain (host: string): boolean {
  const labels = host.split('.')
  return host.length <= 253 && labels.length > 1 && labels.every((label) => LABEL.test(label)) && TOP_LEVEL.test(labels.at(-1) ?? '')
}

const ASCII = /^\p{ASCII}*$/u
/** What a domain in a script of its own is written with: no punctuation but dots and hyphens, and nothing that nobody sees but joiners. */
const OWN_SCRIPT = /^(?:[a-zA-Z0-9.-]|(?![\p{ASCII}\s])(?:[^\p{Default_Ignorable_Code_Point}]|[\u200c\u200d]))*$/u
/** Of Chinese and Japanese keyboards as well. */
const DOTS = /[.\u3002\uff0e\uff61]/

/** Whether every label that is not ASCII is one in a script of its own: the Kelvin sign, and letters of double width, only look like it. */
function isInOwnScript (host: string, delivered: string): boolean {
  const labels = delivered.split('.')
  return OWN_SCRIPT.test(host) && host.split(DOTS).every((label, i) => ASCII.test(label) || labels[i]?.startsWith('xn--'))
}

/** The domain may be in a script of its own. */
export function isEmail (value: string): boolean {
  const at = value.lastIndexOf('@')
  const [host, delivered] = [value, deliverable(value)].map((email) => email.slice(at + 1)) as [string, string]
  const isHost = delivered === 'localhost' || isDomain(delivered)
  return at > 0 && at <= 64 && LOCAL_PART.test(value.slice(0, at)) && isHost && (host === delivered || isInOwnScript(host, delivered))
}

/** http, https, ftp and ftps addresses of a named host. */
export function isUrl (value: string): boolean {
  if (!URL_START.test(value) || !URL.canParse(value)) return false
  const { hostname } = new URL(value)
  return hostname === 'localhost' || hostname.startsWith('[') || IPV4.test(hostname) || isDomain(hostname.replace(/\.$/, ''))
}

/** `"lat,lng"` in degrees. */
export function isLatLng (value: string): boolean {
  const [lat, lng, ...rest] = value.split(',').map((part) => part.trim())
  const isWithin = (part: string | undefined, limit: number) => part !== undefined && DECIMAL.test(part) && Math.abs(Number(part)) <= limit
  return rest.length === 0 && isWithin(lat, 90) && isWithin(lng, 180)
}

/** A day of the calendar as YYYY-MM-DD; `1990-1-2` is one too. Anything else: undefined. */
export function toDate (value: string): string | undefined {
  const match = DATE.exec(value)
  if (match === null || match[1] === '0000') return undefined
  const date = `${match[1]}-${String(match[2]).padStart(2, '0')}-${String(match[3]).padStart(2, '0')}`
  const time = Date.parse(`${date}T00:00:00Z`)
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== date ? undefined : date
}

/** A language tag (BCP 47) in its one spelling: `de-at` is `de-AT`. Anything else, or one longer than `max` characters: undefined. */
export function toLanguage (value: string, max: number): string | undefined {
  if (value === '' || value.length > max) return undefined
  try {
    const [tag = ''] = Intl.getCanonicalLocales(value)
    // An outdated tag may have a longer successor.
    return tag.length > max ? undefined : tag
  } catch {
    return undefined
  }
}

/** A boolean in one of its spellings (CONTRACT §1.3). Anything else: undefined. */
export function toFlag (value: unknown): boolean | undefined {
  if (TRUE.has(value)) return true
  return FALSE.has(value) ? false : undefined
}

/** An id as it stands in a path: exactly one spelling for each, and never rounded. Anything else: undefined. */
export function toId (value: string): number | undefined {
  const id = ID.test(value) ? Number(value) : NaN
  return Number.isSafeInteger(id) ? id : undefined
}

/** `"x,y"`, each from -1 to 1. */
export const isFocus = (value: string): boolean => numbersIn(value, 2)?.every((number) => Math.abs(number) <= 1) ?? false

/** `"x,y,w,h"` in whole pixels. */
export const isCrop = (value: string): boolean => numbersIn(value, 4)?.every((number, i) => Number.isInteger(number) && number >= (i < 2 ? 0 : 1)) ?? false

function numbersIn (value: string, count: number): number[] | undefined {
  const parts = value.split(',').map((part) => part.trim())
  return parts.length === count && parts.every((part) => NUMBER.test(part)) ? parts.map(Number) : undefined
}

/** Digits, as people write them: at least three, with what stands between them and a plus in front. */
export const isPhone = (value: string): boolean => PHONE.test(value) && value.replace(/\P{Nd}/gu, '').length >= 3

/** The JSON type of a value; a whole number is an `integer`. */
export function typeOf (value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}
