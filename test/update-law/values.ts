import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { line, lines } from './texts.ts'

/** What a field of one request means for the row. */
type Meaning = 'keep' | 'clear' | 'same' | 'picture' | { set: string | boolean | number | number[] }

/** One field of a request: what it means, and how each encoding says so. */
export interface Value {
  means: Meaning
  /** Raw JSON values, one for each time the name is written. Absent: JSON cannot say it, or says it as the row demands. */
  json?: string[]
  /** The same for both kinds of form. */
  form?: string[]
  /** A picture of the pool, or a file input that nobody touched: only multipart can say that. */
  file?: number | 'untouched'
}

/** Stands for the one character by which the twins' unique texts differ. */
export const MARK = '~'

const PADDING = ['', '', '', ' ', '\t', ' \n', '\u00a0', '\u3000 ']
const AWKWARD = [
  'null', 'undefined', 'true', '0', '42', '-7', '[]', '{"a":1}', '"', 'a&b=c;d+e%20f%', '<b>&amp;</b>', "Robert'); --", 'Zoe\u0308', '\u1100\u1161', '\u0958',
  'line\r\nline', 'tab\there', '\u202eright to left', '\u202bright to left\u202c', '\u2067a\u202eb\u2069c', 'so\u00adft\u200b', '\u0639\u0644\u06cc\u200c\u0631\u0636\u0627', '\u2764\ufe0f a\ufe0f', '\u8fbb\u{e0100}', '\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}', '\u{1f469}\u200d\u{1f680}', '\u0130\u0131', '=?utf-8?q?x?=', '%00', '\\u0000', '\u0001',
]

/** How a text is stored. */
type Storing = (text: string) => string
const lengthOf = (text: string): number => [...text].length

const SURROGATES = { from: 0xd800, count: 0x800 }

/** Any character of Unicode, like fast-check's unit `binary`, which begins with a table of all of them. */
const character = fc.integer({ min: 0, max: 0x10ffff - SURROGATES.count }).map((n) => String.fromCodePoint(n < SURROGATES.from ? n : n + SURROGATES.count), (one) => {
  const [n = -1, ...more] = [...String(one)].map((found) => found.codePointAt(0) ?? -1)
  if (more.length > 0) throw new Error('more than one character')
  return n < SURROGATES.from ? n : n - SURROGATES.count
})

const anyText = (max: number, stored: Storing): Arbitrary<string> => fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'grapheme', maxLength: Math.min(max, 24) }) },
  { weight: 2, arbitrary: fc.string({ unit: character, maxLength: Math.min(max, 24) }).map((text) => text.replaceAll('\0', '0')) },
  { weight: 3, arbitrary: fc.constantFrom(...AWKWARD) },
  { weight: 1, arbitrary: fc.constantFrom('x', '\u00fc', '\u{1f600}', 'e\u0301').map((one) => one.repeat(max)) },
).filter((text) => stored(text) !== '' && lengthOf(stored(text)) <= max)

const WHOLE = /^(?:0|[1-9]\d{0,14})$/

/** The ways to write a text: escaped or not, a number for digits, an older value before it (the last one counts). */
function spelled (arbitrary: Arbitrary<string>, stored: Storing = line): Arbitrary<Value> {
  return fc.record({
    text: arbitrary,
    before: fc.constantFrom(...PADDING),
    after: fc.constantFrom(...PADDING),
    isAscii: fc.boolean(),
    isRepeated: fc.nat(9).map((n) => n === 0),
  }).map(({ text, before, after, isAscii, isRepeated }) => {
    const sent = `${before}${text}${after}`
    const json = WHOLE.test(sent) ? sent : JSON.stringify(sent)
    const escaped = isAscii ? json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`) : json
    return { means: { set: stored(text) }, json: [...isRepeated ? ['"superseded"'] : [], escaped], form: [...isRepeated ? ['superseded'] : [], sent] }
  })
}

export const kept: Arbitrary<Value> = fc.constant({ means: 'keep', json: [], form: [''] })
const same: Arbitrary<Value> = fc.constant({ means: 'same' })
export const unchanged = same
const cleared = (...json: string[]): Arbitrary<Value> =>
  fc.constantFrom(...json).map((raw) => ({ means: 'clear', json: [raw], form: [''] }))
const clearedBy = (json: string[]): Arbitrary<Value>[] => json.length > 0 ? [cleared(...json)] : []

const mostly = (usual: Arbitrary<Value>, ...others: Arbitrary<Value>[]): Arbitrary<Value> =>
  fc.oneof({ weight: 6, arbitrary: usual }, ...others.map((arbitrary) => ({ weight: 1, arbitrary })))

export const text = (max: number, clears: string[], stored: Storing = line): Arbitrary<Value> => mostly(spelled(anyText(max, stored), stored), same, ...clearedBy(clears))

const letters = (alphabet: string, min: number, max: number) => fc.string({ unit: fc.constantFrom(...alphabet), minLength: min, maxLength: max })

/** Another system's name for somebody: nobody else has it. */
export const foreignId = (max: number, clears: string[]): Arbitrary<Value> => mostly(spelled(letters('abz09-', 1, max - 1).map((text) => text + MARK)), same, cleared(...clears))

const ALPHABET = 'abcXYZ059_-'

/** The mark comes last, so that no twin's name is ever another one's. What reads as a number in base 16, like `0Xa`, is nobody's name. */
export const username = (max: number, more: string): Arbitrary<Value> => mostly(spelled(fc.oneof(
  { weight: 5, arbitrary: letters(ALPHABET + more, 1, 20) },
  { weight: 1, arbitrary: fc.constantFrom('n'.repeat(max - 1), 'null', '12', '-', '_') },
).map((name) => name + MARK).filter((name) => !/^0x/i.test(name))), same)

/** A host name of so many characters. */
const hostOf = (length: number): string => `${'y'.repeat(length - 4).replace(/y{50}(?=yy)/g, (label) => `${label.slice(1)}.`)}.com`

/** The mark comes first, for the same reason. */
export const email = (max: number, clears: string[]): Arbitrary<Value> => mostly(spelled(fc.oneof(
  fc.record({ local: letters('abcXYZ059', 1, 20), tag: fc.constantFrom('', '+tag', '.b', "'o", '_-'), host: fc.constantFrom('example.com', 'Example.ORG', 'a.b.co.uk', 'localhost') })
    .map(({ local, tag, host }) => `${MARK}${local}${tag}@${host}`),
  fc.constant(`${MARK}${'x'.repeat(39)}@${hostOf(max - 41)}`),
)), same, ...clearedBy(clears))

export const url = (max: number, clears: string[]): Arbitrary<Value> => mostly(spelled(fc.constantFrom(
  'https://example.com', 'http://localhost:8080/a?b=c&d=%20#e', 'HTTPS://EXAMPLE.org/~me', 'ftp://ftp.example.net/pub', 'http://192.0.2.7/x', 'https://example.com/\u00fc\u{1f600}',
  `https://example.com/${'p'.repeat(max - 20)}`,
)), same, cleared(...clears))

export const latLng = (clears: string[]): Arbitrary<Value> => mostly(spelled(fc.record({
  lat: fc.double({ min: -90, max: 90, noNaN: true }), lng: fc.double({ min: -180, max: 180, noNaN: true }), places: fc.nat(8), gap: fc.constantFrom('', ' '),
}).map(({ lat, lng, places, gap }) => `${lat.toFixed(places)},${gap}${lng.toFixed(places)}`)), same, cleared(...clears))

export const date: Arbitrary<Value> = mostly(fc.record({
  year: fc.integer({ min: 1, max: 9999 }), month: fc.integer({ min: 1, max: 12 }), day: fc.integer({ min: 1, max: 31 }), isShort: fc.boolean(),
}).map(({ year, month, day, isShort }) => {
  const days = new Date(Date.UTC(2000 + year % 400, month, 0)).getUTCDate()
  const [y, m, d] = [String(year).padStart(4, '0'), String(month), String(Math.min(day, days))]
  const full = `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`
  const sent = isShort ? `${y}-${m}-${d}` : full
  return { means: { set: full }, json: [JSON.stringify(sent)], form: [sent] } satisfies Value
}), same, cleared('null'))

export const choice = (words: Record<string, string>, ...others: Arbitrary<Value>[]): Arbitrary<Value> => mostly(
  fc.constantFrom(...Object.entries(words)).map(([wire, core]) => ({ means: { set: core }, json: [JSON.stringify(wire)], form: [wire] })), same, ...others)

/** A form of the community cannot clear a gender, and none a checkbox: only JSON can. */
export const nullOnly: Arbitrary<Value> = fc.constant({ means: 'clear', json: ['null'] })
export const genderCleared = cleared('null', '""')

const TRUE = ['t', 'y', 'yes', 'true', 'on', '1']
const FALSE = ['f', 'n', 'no', 'false', 'off', '0']

export const flag: Arbitrary<Value> = mostly(fc.record({
  set: fc.boolean(), word: fc.nat(5), letters: fc.nat(2), json: fc.nat(3),
}).map(({ set, word, letters, json }) => {
  const lower = (set ? TRUE : FALSE)[word] as string
  const sent = [lower, lower.toUpperCase(), lower.charAt(0).toUpperCase() + lower.slice(1)][letters] as string
  return { means: { set }, json: [[String(set), set ? '1' : '0', set ? '1.0' : '0.0', JSON.stringify(sent)][json] as string], form: [sent] } satisfies Value
}), same, kept)

/** In one spelling only, which is the stored one. */
export const language: Arbitrary<Value> = mostly(spelled(fc.constantFrom('de', 'en-GB', 'pt-BR', 'zh-Hans', 'sr-Latn-RS')), same, fc.constantFrom('null', '""').map((raw): Value => ({ means: { set: 'en' }, json: [raw], form: [''] })))

export const unchangedFlag = fc.oneof(same, kept)

export const counter: Arbitrary<Value> = mostly(fc.record({
  set: fc.oneof(fc.nat(5), fc.nat(), fc.constantFrom(2 ** 31, 2 ** 53 - 1)), isText: fc.boolean(),
}).map(({ set, isText }) => ({ means: { set }, json: [isText ? `"${set}"` : String(set)], form: [String(set)] })), same, kept)

/** What a number of a declared field may be, and how it may be written; only one that can be cleared is cleared by an empty text. */
export const integer = (isCleared: boolean): Arbitrary<Value> => mostly(fc.record({
  set: fc.oneof(fc.integer({ min: -5, max: 5 }), fc.integer(), fc.constantFrom(2 ** 53 - 1, 1 - 2 ** 53)), json: fc.nat(3), zeros: fc.constantFrom('', '', '0', '000'), pad: fc.constantFrom(...PADDING),
}).map(({ set, json, zeros, pad }) => {
  const digits = Math.abs(set) < 1e9 ? `${zeros}${Math.abs(set)}` : String(Math.abs(set))
  const sent = `${pad}${set < 0 ? '-' : ''}${digits}${pad}`
  const number = json === 0 && Math.abs(set) < 1e9 ? `${set}.0` : String(set)
  return { means: { set }, json: [json > 1 ? JSON.stringify(sent) : number], form: [sent] } satisfies Value
}), same, isCleared ? cleared('null') : kept)

/** Short numbers as people write them. */
export const phone = (clears: string[]): Arbitrary<Value> => mostly(spelled(fc.record({
  plus: fc.constantFrom('', '+'), digits: letters('0123456789', 3, 12), gap: fc.constantFrom('', ' ', '-', '.', '/', ') ('), at: fc.nat(3),
}).map(({ plus, digits, gap, at }) => `${plus}${digits.slice(0, at)}${at > 0 ? gap : ''}${digits.slice(at)}`)), same, ...clearedBy(clears))

/** Duplicates collapse; a form cannot say "none". */
export const ids = (all: number[]): Arbitrary<Value> => mostly(fc.record({
  set: fc.shuffledSubarray(all), isText: fc.boolean(), isTwice: fc.boolean(),
}).map(({ set, isText, isTwice }) => {
  const sent = isTwice ? [...set, ...set.slice(0, 1)] : set
  const form = sent.length > 0 ? { form: sent.map(String) } : {}
  return { means: { set }, json: [JSON.stringify(isText ? sent.map(String) : sent)], ...form } satisfies Value
}), same)

export const chosen = (pool: number): Arbitrary<Value> => fc.nat(pool - 1).map((file) => ({ means: 'picture', file }))

/** Few of them bring a file: each costs as much as a dozen other requests. */
export const picture = (pool: number, clears: string[], ...others: Arbitrary<Value>[]): Arbitrary<Value> => fc.oneof(
  { weight: 1, arbitrary: chosen(pool) },
  ...[cleared(...clears), fc.constant<Value>({ means: 'keep', json: [], file: 'untouched' }), ...others].map((arbitrary) => ({ weight: 3, arbitrary })))

export const base64 = (pool: number): Arbitrary<Value> => fc.oneof(
  { weight: 1, arbitrary: chosen(pool) }, { weight: 5, arbitrary: cleared('null', '""') })

export const pictureSame = same

/** What the row keeps are the bare numbers. */
const cutAt = (text: Arbitrary<string>): Arbitrary<Value> => spelled(text).map((value) => ({ ...value, means: { set: numbersIn(value.form?.at(-1)) } }))

/** Few of them say something else, for the same reason: the picture is then cut anew. */
const cut = (weight: number, text: Arbitrary<string>): Arbitrary<Value> => fc.oneof(
  { weight, arbitrary: cutAt(text) },
  { weight: 1, arbitrary: cleared(...NULL_OR_BLANK) }, { weight: 6, arbitrary: same })

const NULL_OR_BLANK = ['null', '""']
/** What a picture shows. */
export const alt: Arbitrary<Value> = text(1_500, NULL_OR_BLANK, lines)
const numbersIn = (text = ''): string => JSON.stringify(text.split(',').map(Number))
const joined = (...numbers: Arbitrary<string>[]): Arbitrary<string> => fc.record({ numbers: fc.tuple(...numbers), gap: fc.constantFrom(',', ',', ', ', ' , ') }).map(({ numbers, gap }) => numbers.join(gap))
const upTo = (max: number, least = 0): Arbitrary<string> => fc.integer({ min: least, max }).map(String)

const side: Arbitrary<string> = fc.record({ quarters: fc.integer({ min: -4, max: 4 }), places: fc.integer({ min: 2, max: 6 }), isShort: fc.boolean() })
  .map(({ quarters, places, isShort }) => isShort ? String(quarters / 4) : `${quarters === 0 ? '-' : ''}${(quarters / 4).toFixed(places)}`)

const point = joined(side, side)
export const focus = cut(1, point)
/** One that every picture has. */
export const someFocus = cutAt(point)
/** Within every picture, at its edge, or beyond: a refusal costs little. */
export const crop = cut(2, fc.oneof(
  { weight: 2, arbitrary: joined(upTo(4), upTo(4), upTo(8, 1), upTo(8, 1)) },
  { weight: 1, arbitrary: joined(fc.constantFrom('0', '12'), fc.constantFrom('0', '4'), fc.constantFrom('12', '18', '24'), fc.constantFrom('12', '16', '20')) },
  { weight: 1, arbitrary: fc.constantFrom('0,0,99999,99999', '99999,0,1,1', '0,40,1,1') },
))
