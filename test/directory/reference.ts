import { FIELDS, TAGS } from './people.ts'
import type { Known } from './people.ts'

/** Somebody who asks; null is nobody in particular. */
export type Asker = Known | null

const LETTERS: [letter: string, typed: string][] = [['ø', 'o'], ['ł', 'l'], ['đ', 'd'], ['æ', 'ae'], ['œ', 'oe'], ['þ', 'th'], ['ς', 'σ']]

/** The same texts are asked for again and again. */
const known = new Map<string, string>()

export function fold (text: string): string {
  const before = known.get(text)
  if (before !== undefined) return before
  const plain = text.normalize('NFKD').replace(/[\p{Mn}\p{Cf}]/gu, '').toUpperCase().toLowerCase()
  const folded = LETTERS.reduce((folded, [letter, typed]) => folded.replaceAll(letter, typed), plain).normalize('NFC')
  known.set(text, folded)
  return folded
}

const RULES: Record<string, 'public' | 'self'> = {
  id: 'public', username: 'public', realName: 'public', gender: 'public', location: 'public', description: 'public', isActive: 'public', avatar: 'public', createdAt: 'public',
  website: 'public', language: 'public', extId: 'public',
}
const WIDTH = { public: 0, member: 1, self: 2 }

/** Whether the asker may see a field of somebody: the rule, and what that person has narrowed. */
export function maySee (asker: Asker, person: Known, word: string, rule: 'public' | 'member' | 'self' = RULES[word] ?? 'self'): boolean {
  const rank = asker === null ? 0 : asker.id === person.id || asker.isStaff || asker.isAdmin ? 2 : 1
  return rank >= WIDTH[rule] && rank >= WIDTH[person.visibility[word] ?? 'public']
}

/** A field as the asker sees it: what is hidden is empty. */
export function seen<K extends keyof Known> (asker: Asker, person: Known, field: K): Known[K] | '' | null {
  if (maySee(asker, person, field)) return person[field]
  return typeof person[field] === 'string' ? '' : null
}

/** Whether a text contains another one, whatever the capitals and accents. */
export const has = (text: unknown, part: string): boolean => fold(String(text ?? '')).includes(fold(part))

/** What clearing leaves of choices. */
export const CLEARED: Partial<Record<keyof Known, string>> = { gender: 'unspecified', language: 'en' }

/** The same, where what is hidden is as it would be if it had been cleared. */
export function held (asker: Asker, person: Known, field: keyof Known): Known[keyof Known] {
  const texts: (keyof Known)[] = ['realName', 'firstName', 'lastName', 'location', 'description', 'website']
  if (maySee(asker, person, field)) return person[field]
  return texts.includes(field) ? '' : CLEARED[field] ?? null
}

/** Numbers are compared by their digits: `+` and `00` are the same, and whoever types letters does not mean a number. */
export const digits = (phone: string): string => phone.replace(/[^+\d]/g, '').replace(/^00|\+/g, '')
const dials = (phone: string, word: string): boolean => !/\p{L}/u.test(word) && digits(word) !== '' && digits(phone).includes(digits(word))

const searchable = (asker: Asker, person: Known): unknown[] => FIELDS
  .filter(({ key, isSearchable, read }) => isSearchable && maySee(asker, person, `attributes.${key}`, read))
  .flatMap(({ key }) => person.attributes[key] ?? [])

/** Whether every word stands in one of these fields, or in a declared field that can be searched. */
export function matches (asker: Asker, person: Known, text: string, fields: (keyof Known)[]): boolean {
  const texts = [...fields.filter((field) => field !== 'phone').map((field) => seen(asker, person, field)), ...searchable(asker, person)]
  const phone = fields.includes('phone') ? String(seen(asker, person, 'phone') ?? '') : ''
  return text.split(/[\s,]+/).filter(Boolean).every((word) => texts.some((one) => has(one, word)) || dials(phone, word))
}

export function isTagged (asker: Asker, person: Known, id: number): boolean {
  const tag = TAGS.find((one) => one.id === id)
  const isTold = (tag?.isVisible === 1 && tag.isActive === 1) || (asker !== null && (asker.isStaff || asker.isAdmin || asker.id === person.id))
  return person.tags.includes(id) && isTold
}

export type Key = string | number | boolean | null
const bytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** Nothing before something, numbers by size, texts by their bytes. */
function compare (a: Key, b: Key): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null)
  return typeof a === 'string' ? bytes(a, String(b)) : Number(a) - Number(b)
}

/** The people in the order of these keys, those that they leave equal by id. */
export function ordered (people: Known[], keys: [keyOf: (person: Known) => Key, sign: 1 | -1][]): Known[] {
  return people.toSorted((a, b) => {
    for (const [keyOf, sign] of keys) {
      const difference = compare(keyOf(a), keyOf(b)) * sign
      if (difference !== 0) return difference
    }
    return a.id - b.id
  })
}
