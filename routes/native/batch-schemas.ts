import { Type } from '@sinclair/typebox'
import { typeOf } from '../../src/core/formats.ts'
import type { FieldError } from '../../src/core/errors.ts'
import { PatchSchema } from './bodies.ts'
import { WriteQuery } from './me.ts'
import { alts, cuts } from './pictures.ts'
import { conflict } from './problems.ts'
import { PersonWrittenSchema } from './schemas.ts'
import { unknownField } from './unknown.ts'

const ITEMS_MAX = 200
const BODY_MAX = 4 * 1_024 ** 2

/** What belongs to pictures. */
export const PICTURED = ['avatar', 'cover', ...Object.keys(cuts), ...Object.keys(alts)]

const unpictured = Object.fromEntries(Object.entries(PatchSchema.properties).filter(([name]) => !PICTURED.includes(name)))
const ItemSchema = Type.Object({
  id: Type.Integer(),
  patch: Type.Partial(Type.Object(unpictured), { title: 'BatchPatch' }),
  ifMatch: Type.Optional(Type.String({ description: 'as the header: the `ETag` of the person' })),
}, { title: 'BatchItem' })
export const BatchSchema = Type.Array(ItemSchema, {
  title: 'Batch',
  maxItems: ITEMS_MAX,
  maxBytes: BODY_MAX,
  examples: [[{ id: 1, patch: { location: 'London' } }]],
})
export interface BatchItem { id: number, patch: unknown, ifMatch?: string }

export const BatchQuery = Type.Object({
  ...WriteQuery.properties,
  atomic: Type.Optional(Type.String({ description: '`true`: all are stored, or none' })),
})

const { person, changed, ...problem } = conflict[412].properties
const BatchProblemSchema = Type.Object({ ...problem, person: Type.Optional(person), changed: Type.Optional(changed) }, { title: 'BatchProblem' })
const AnswerSchema = Type.Object({
  id: Type.Integer(),
  status: Type.Integer(),
  etag: Type.Optional(Type.String()),
  person: Type.Optional(PersonWrittenSchema),
  problem: Type.Optional(BatchProblemSchema),
}, { title: 'BatchAnswer' })
export const AnswersSchema = Type.Object({ items: Type.Array(AnswerSchema) }, {
  title: 'BatchAnswers',
  description: 'For each item, in the same order, what it would have been answered by itself.',
})

const KEYS = Object.keys(ItemSchema.properties)

/** What is wrong with the list itself; what its patches say is judged one by one. */
export function findingsOfList (items: readonly unknown[]): FieldError[] {
  if (items.length > ITEMS_MAX) return [{ field: null, code: 'too_many_options', params: { limit: ITEMS_MAX, found: items.length } }]
  const ids = new Set<unknown>()
  return items.flatMap((item, i): FieldError[] => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return [{ field: String(i), code: 'not_an_object', params: { type: typeOf(item) } }]
    const { id, patch, ifMatch } = item as Record<string, unknown>
    const found = Object.keys(item).filter((name) => !KEYS.includes(name)).map((name) => ({ ...unknownField(name, KEYS), field: `${i}.${name}` }))
    if (!Number.isSafeInteger(id) || Number(id) < 1) found.push({ field: `${i}.id`, code: id === undefined ? 'required' : 'invalid_integer' })
    else if (ids.has(id)) found.push({ field: `${i}.id`, code: 'repeated_option', params: { value: Number(id) } })
    ids.add(id)
    if (patch === undefined) found.push({ field: `${i}.patch`, code: 'required' })
    if (ifMatch !== undefined && typeof ifMatch !== 'string') found.push({ field: `${i}.ifMatch`, code: 'not_a_string' })
    return found
  })
}
