import { folded } from '../fold.ts'
import { dialled } from '../phone.ts'

/** Beyond these two planes nothing has a case or an accent, and only tags are not seen. */
const LAST = 0x1ffff
const [FIRST_TAG, LAST_TAG] = [0xe0000, 0xe0fff]
const isCharacter = (code: number): boolean => code > 0 && (code < 0xd800 || code > 0xdfff)
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** The code points of which this is true, as the inside of a bracket expression. */
function bracketOf (isIn: (character: string) => boolean, first: number, last: number): string {
  const [ranges, hex]: [string[], (code: number) => string] = [[], (code) => `\\U${code.toString(16).padStart(8, '0')}`]
  for (let code = first; code <= last; code++) {
    if (!isCharacter(code) || !isIn(String.fromCodePoint(code))) continue
    const from = code
    while (isCharacter(code + 1) && isIn(String.fromCodePoint(code + 1))) code++
    ranges.push(from === code ? hex(from) : `${hex(from)}-${hex(code)}`)
  }
  return ranges.join('')
}

/**
 * The functions that the nouns call, as PostgreSQL has them, made from the ones that SQLite calls: each letter is folded by
 * `folded` itself, so that no version of Unicode but ours decides. Made when a database is first brought up to date.
 */
export const functions = (): string[] => made ??= make()

let made: string[] | undefined

function make (): string[] {
  const [from, to]: [string[], string[]] = [[], []]
  const longer: [string, string][] = []
  const [digits, values]: [string[], string[]] = [[], []]
  for (let code = 0x7f; code <= LAST; code++) {
    if (!isCharacter(code)) continue
    const letter = String.fromCodePoint(code)
    const value = dialled(letter)
    if (value !== '' && letter.normalize('NFKC') === letter) {
      digits.push(letter)
      values.push(value)
    }
    if (letter.normalize('NFKD') !== letter) continue
    const small = folded(letter).normalize('NFKD')
    if (small === letter || small === '') continue
    if ([...small].length > 1) longer.push([letter, small])
    else {
      from.push(letter)
      to.push(small)
    }
  }
  const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
  const isNothing = (character: string): boolean => folded(character) === ''
  const nothing = bracketOf(isNothing, 1, LAST) + bracketOf(isNothing, FIRST_TAG, LAST_TAG)
  const small = `translate(regexp_replace(normalize(given, NFKD), '[${nothing}]', '', 'g'), ${quoted(capitals + from.join(''))}, ${quoted(capitals.toLowerCase() + to.join(''))})`
  const whole = longer.reduce((inner, [letter, letters]) => `replace(${inner}, ${quoted(letter)}, ${quoted(letters)})`, small)
  const plain = `given ~ '^[\\x20-\\x7e]*$'`
  const ascii = `translate(normalize(given, NFKC), ${quoted(digits.join(''))}, ${quoted(values.join(''))})`
  const numberOf = (text: string) => `case when ${text} ~ '^[^0-9]*\\+' then regexp_replace(${text}, '[^0-9]+', '', 'g') else regexp_replace(regexp_replace(${text}, '[^0-9]+', '', 'g'), '^00', '') end`
  const define = (head: string, body: string) => `create or replace function ${head} language sql immutable parallel safe as $visage$ ${body} $visage$`
  const place = (name: string) => `${name} ~ '^\\s*[-+]?[0-9]+(\\.[0-9]+)?\\s*,\\s*[-+]?[0-9]+(\\.[0-9]+)?\\s*$'`
  const radians = (name: string, part: 1 | 2) => `radians(cast(split_part(${name}, ',', ${part}) as float8))`
  return [
    define('folded (given text) returns text', `select case when ${plain} then lower(given collate "C") else normalize(${whole}, NFC) end`),
    define('says (given text, part text) returns int', "select case when given is null then 0 else cast(strpos(folded(given), part) > 0 as int) end"),
    define('says (given bigint, part text) returns int', "select cast(strpos(cast(given as text), part) > 0 as int)"),
    define('dialled (given text) returns text', `select case when ${plain} then ${numberOf('given')} else ${numberOf(ascii)} end`),
    define('dials (given text, part text) returns int', "select case when given is null then 0 else cast(strpos(dialled(given), part) > 0 as int) end"),
    define('instr (given text, part text) returns int', 'select strpos(given, part)'),
    define('distance (a text, b text) returns float8', `select case when ${place('a')} and ${place('b')} then 2 * 6371 * asin(least(1, sqrt(
      power(sin((${radians('b', 1)} - ${radians('a', 1)}) / 2), 2) + cos(${radians('a', 1)}) * cos(${radians('b', 1)}) * power(sin((${radians('b', 2)} - ${radians('a', 2)}) / 2), 2)))) end`),
    `create or replace function tell_fields () returns trigger language plpgsql as $visage$ begin perform pg_notify('visage_fields', ''); return null; end $visage$`,
    'create or replace trigger tell_fields after insert or update or delete or truncate on profile_fields for each statement execute function tell_fields()',
  ]
}
