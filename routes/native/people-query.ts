import type { FastifyRequest } from 'fastify'
import { EQUAL, SPANS } from '../../src/core/directory/filters.ts'
import { ORDERS } from '../../src/core/directory/index.ts'
import type { PageQuestion, Where } from '../../src/core/directory/index.ts'
import type { FieldError } from '../../src/core/errors.ts'
import { toDate, toFlag, toId } from '../../src/core/formats.ts'
import type { ProfileField } from '../../src/core/fields/attributes.ts'
import { FieldsQuery } from './fields-query.ts'
import { asked, listQuery, windowOf } from './lists.ts'
import { sentIn } from './parameters.ts'
import { PersonSchema } from './schemas.ts'

const OPEN_END = '..'

export const PeopleQuery = listQuery({
  ...FieldsQuery.properties,
  order: asked(`${ORDERS.join(', ')}, with commas between them and \`-\` for descending; \`distance\` is from where \`near\` is`),
  q: asked('words that all stand in something that you may search'),
  ...Object.fromEntries(EQUAL.map((name) => [name, asked('people who have this; nothing behind the `=`: those who have nothing there')])),
  ...Object.fromEntries(SPANS.map((name) => [name, asked(`\`from/until\` in ISO 8601, days or times, without the end; \`${OPEN_END}\` leaves a side open`)])),
  isOnline: asked('`true` or `false`'),
  group: asked('the id of a group that they are in'),
  tag: asked('the id of a tag that they have'),
  near: asked('`lat,lng,50km`'),
  'attributes.*': asked('a declared field by its key, like `attributes.shoe_size=42`'),
})

type Value = string | number | boolean | null
type Found = { value: unknown } | { code: 'invalid_boolean' | 'invalid_integer' | 'invalid_choice' | 'invalid_value' }

/** What a list of people is asked for, and all that is wrong with how it is asked. */
export function peopleQuestion (request: FastifyRequest): { question: PageQuestion, errors: FieldError[] } {
  const declared = request.server.core.users.declared()
  const { window, errors } = windowOf(request, declared.map(({ key }) => `attributes.${key}`))
  const where: Record<string, unknown> = {}
  for (const [name, read] of READERS) {
    const text = sentIn(request, name)
    const found = text === undefined ? undefined : read(text, name)
    if (found === undefined) continue
    if ('value' in found) where[name] = found.value
    else errors.push({ field: name, code: found.code, ...found.code === 'invalid_choice' && { params: { value: text as string } } })
  }
  const attributes = attributesIn(request, declared)
  const { order, refused } = orderIn(request)
  errors.push(...refused.map((value): FieldError => ({ field: 'order', code: 'invalid_choice', params: { value } })))
  const q = sentIn(request, 'q')
  return { question: { ...window, where: { ...where as Where, attributes }, ...q !== undefined && { search: { text: q } }, order }, errors }
}

const flag = (text: string): Found => {
  const value = toFlag(text)
  return value === undefined ? { code: 'invalid_boolean' } : { value }
}
const id = (text: string): Found => {
  const value = toId(text)
  return value === undefined ? { code: 'invalid_integer' } : { value }
}

function equal (text: string, name: string): Found {
  const { type, enum: choices } = PersonSchema.properties[name as 'gender'] as { type?: string | string[], enum?: unknown[] }
  if (name.startsWith('is')) return flag(text)
  if (type === 'integer') return id(text)
  if (choices !== undefined && text !== '' && !choices.includes(text)) return { code: 'invalid_choice' }
  return { value: text === '' ? null : text }
}

/** `from/until`: an interval of ISO 8601. */
function span (text: string): Found {
  const ends = text.split('/').map((end) => end === OPEN_END ? undefined : timeOf(end))
  const [from, until] = ends
  if (ends.length !== 2 || ends.includes(NaN) || (from === undefined && until === undefined)) return { code: 'invalid_value' }
  return { value: { ...from !== undefined && { from }, ...until !== undefined && { until } } }
}

const TIME = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/
/** Milliseconds; NaN: it is none. A day begins in UTC. */
function timeOf (text: string): number {
  const day = TIME.exec(text)?.[1]
  return day === undefined || toDate(day) === undefined ? NaN : Date.parse(text)
}

const AROUND = /^(.{1,60}),\s*(\d{1,6}(?:\.\d{1,6})?)\s?km$/
function near (text: string): Found {
  const [, place = '', km = ''] = AROUND.exec(text) ?? []
  return { value: { place, km: Number(km) } }
}

const READERS: [name: string, read: (text: string, name: string) => Found][] = [
  ...EQUAL.map((name): [string, typeof equal] => [name, equal]),
  ...SPANS.map((name): [string, typeof span] => [name, span]),
  ['isOnline', flag],
  ['group', id],
  ['tag', id],
  ['near', near],
]

/** Each as a value of its type, where the text is one; what is not is for the core to judge. */
function attributesIn (request: FastifyRequest, declared: readonly ProfileField[]): Record<string, Value> {
  const sent = declared.map(({ key, type }) => [key, type, sentIn(request, `attributes.${key}`)] as const)
  return Object.fromEntries(sent.flatMap(([key, type, text]): [string, Value][] => text === undefined ? [] : [[key, valueOf(type, text)]]))
}

const WHOLE = /^-?\d{1,16}$/
function valueOf (type: ProfileField['type'], text: string): Value {
  if (text === '') return null
  if (type === 'checkbox') return toFlag(text) ?? text
  return type === 'integer' && WHOLE.test(text) ? Number(text) : text
}

type Order = NonNullable<PageQuestion['order']>
/** `order=a,-b`; a name that comes again is refused like one that there is not. */
function orderIn (request: FastifyRequest): { order: Order, refused: string[] } {
  const order: Order = []
  const refused: string[] = []
  for (const part of sentIn(request, 'order')?.split(',') ?? []) {
    const name = part.trim()
    const by = ORDERS.find((one) => one === name.replace(/^-/, ''))
    if (by === undefined || order.some((key) => key.by === by)) refused.push(name)
    else order.push({ by, direction: name.startsWith('-') ? 'desc' : 'asc' })
  }
  return { order, refused }
}
