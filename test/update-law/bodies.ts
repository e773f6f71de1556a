import { form, urlencoded } from '../helper.ts'
import type { FilePart } from '../helper.ts'
import type { Base, Case, Kind } from './cases.ts'
import { altOf } from './cuts.ts'
import { keyOf, shownAs } from './declared.ts'
import type { Family } from './families.ts'
import { MARK } from './values.ts'
import type { Value } from './values.ts'

export const ENCODINGS = ['json', 'urlencoded', 'files first', 'files last'] as const
export type Encoding = (typeof ENCODINGS)[number]

export const ORIGIN = 'https://people.example'
const WIRE_GENDERS: Record<string, string> = { male: 'Male', female: 'Female', 'non-binary': 'Unspecified', unspecified: 'Unspecified' }
const CUT = /^(avatar|cover)_(focus|crop|alt)$/
const FLAGS = /^(?:is_|reg_approved|community_badge|can_receive)/

/** The value as it stands in the row, in the family's own words (CONTRACT §5 rows 5 to 8). */
function shown (field: string, { columns, path }: Family, base: Base): unknown {
  const column = columns[field] ?? field
  const key = keyOf(column)
  if (key !== undefined) return shownAs(key, JSON.parse(String(base.columns.attributes)) as Record<string, unknown>)
  const [, kind, cut] = CUT.exec(column) ?? []
  if (kind !== undefined && base.columns[kind] === null) return null
  if (cut === 'alt') return altOf(kind as Kind, String(base.columns[String(kind)]))
  if (kind !== undefined) return base.cuts[kind as Kind][cut as 'focus' | 'crop']?.slice(1, -1) ?? null
  const value = base.columns[column] ?? null
  if (column === 'groups') return base.groups
  if (FLAGS.test(column)) return value === 1
  if (column === 'avatar' || column === 'cover') return value && `${ORIGIN}/media/${column}s/${value}.webp`
  if (column === 'email' && path(1).startsWith('/api/profile/')) return value ?? ''
  if (column !== 'gender') return value
  if (path(1).startsWith('/v1/')) return value
  if (path(1).startsWith('/api/v2/')) return WIRE_GENDERS[String(value)]
  return value === 'unspecified' ? null : value
}

function asSent (field: string, value: Value, { family, whole }: Sender, base: Base): Value {
  if (value.means !== 'same') return value
  if (whole !== undefined && AS_OBJECTS.has(field)) {
    const now = whole[field] ?? null
    // In a form pictures can only be left out, and groups go by their ids.
    const inForm = Array.isArray(now) ? { form: base.groups.map(String) } : now === null ? { form: [] } : {}
    return { means: 'same', json: [JSON.stringify(now)], ...inForm }
  }
  const now = shown(field, family, base)
  const json = [JSON.stringify(now)]
  if (Array.isArray(now)) return { means: 'same', json, form: now.map(String) }
  // A picture that is not there can only be left out of a form, everything else that is not there is an empty text.
  const isNoPicture = now === null && (family.columns[field] === 'avatar' || family.columns[field] === 'cover')
  return { means: 'same', json, form: isNoPicture ? [] : [now === null ? '' : String(now)] }
}

/** The text of an object; what has a dot in its name stands in an inner one. */
function nested (pairs: [string, string][]): string {
  const write = (some: [string, string][]) => `{${some.map(([name, raw]) => `${JSON.stringify(name)}:${raw}`).join()}}`
  const inner = pairs.filter(([name]) => name.startsWith('attributes.')).map(([name, raw]): [string, string] => [name.slice('attributes.'.length), raw])
  const outer = pairs.filter(([name]) => !name.startsWith('attributes.'))
  return write(inner.length === 0 ? outer : [...outer, ['attributes', write(inner)]])
}

interface Sender {
  family: Family
  pool: Buffer[]
  mark: string
  /** What the sender was shown, where some of it is no text. */
  whole?: Record<string, unknown> | undefined
}
export const AS_OBJECTS: ReadonlySet<string> = new Set(['avatar', 'cover', 'groups'])
type Body = { payload: Buffer | string, headers: { 'content-type': string } }

/** The body of a case in one encoding; undefined when that cannot say everything that the case says. */
export function bodyOf ({ values, ignored, base }: Case, encoding: Encoding, sender: Sender): Body | undefined {
  const { pool, mark } = sender
  const marked = (text: string) => text.replaceAll(MARK, mark)
  const fields = Object.entries(values).map(([field, value]): [string, Value] => [field, asSent(field, value, sender, base)])
  const isUnsaid = fields.some(([field, { json, form, file }]) => {
    const isFile = file !== undefined && file !== 'untouched' && field !== 'avatar_base64'
    if (encoding === 'json') return isFile || (json === undefined && file === undefined)
    return encoding === 'urlencoded' ? isFile || (form === undefined && file === undefined) : form === undefined && file === undefined
  })
  if (isUnsaid) return undefined
  const base64 = (file: number) => `image/png;base64,${(pool[file] as Buffer).toString('base64')}`

  if (encoding === 'json') {
    const pairs = fields.flatMap(([field, { json = [], file }]) => (typeof file === 'number' ? [JSON.stringify(base64(file))] : json).map((raw): [string, string] => [field, marked(raw)]))
    return { payload: nested([...pairs, ...ignored.map((key): [string, string] => [key, '"1"'])]), headers: { 'content-type': 'application/json' } }
  }
  const texts = fields.flatMap(([field, { form = [], file }]): [string, string][] => {
    if (typeof file === 'number') return field === 'avatar_base64' ? [[field, base64(file)]] : []
    return form.map((text) => [field, marked(text)])
  })
  const noise = ignored.map((key): [string, string] => [key, '1'])
  if (encoding === 'urlencoded') return urlencoded([...texts, ...noise])
  const files = fields.flatMap(([field, { file }]): [string, FilePart][] => {
    if (file === undefined || field === 'avatar_base64') return []
    return [[field, file === 'untouched' ? { file: Buffer.alloc(0), filename: '', type: 'application/octet-stream' } : { file: pool[file] as Buffer, type: 'image/png' }]]
  })
  return form(encoding === 'files first' ? [...files, ...noise, ...texts] : [...texts, ...noise, ...files])
}
