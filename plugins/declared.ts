import fastJson from 'fast-json-stringify'
import fp from 'fastify-plugin'
import { ATTRIBUTE_MAX } from '../src/core/fields/attributes.ts'
import type { ProfileField } from '../src/core/fields/attributes.ts'
import { AUDIENCES } from '../src/core/fields/visibility.ts'

/**
 * The mark of an object schema that takes the declared fields among its properties: `written` as an update may name them,
 * `given` with the mandatory ones required, `shown` as answers hold them, `narrowed` as
 * people say who sees them. Forms name nested ones with a prefix.
 */
export interface Declared { as: 'written' | 'given' | 'shown' | 'narrowed', prefix?: string }

interface Marked { declared?: Declared, properties?: Record<string, object>, required?: string[] }

declare module 'fastify' {
  interface FastifyInstance {
    /** The schema with the declared fields in every object that is marked for them; the same object until they change. */
    withDeclared: <S extends object>(schema: S) => S
  }
}

type Serializer = ReturnType<typeof fastJson>
const serializers = new WeakMap<object, Serializer>()

/** Writes what a schema lists. Families share schemas among many routes, so it is compiled once, at the first answer. */
function serializerOf (schema: object): Serializer {
  const known = serializers.get(schema)
  if (known !== undefined) return known
  let compiled: Serializer | undefined
  const serializer: Serializer = (value) => (compiled ??= fastJson(schema))(value)
  serializers.set(schema, serializer)
  return serializer
}

/** Declared fields come and go while the service runs; schemas and what is compiled from them follow. */
export default fp(async (app) => {
  const { declared } = app.core.db.read.profileFields
  let fields = declared()
  let expanded = new WeakMap<object, object>()

  function withDeclared<S extends object> (schema: S): S {
    const now = declared()
    if (now !== fields) expanded = new WeakMap()
    fields = now
    const known = expanded.get(schema) ?? expand(schema, fields)
    expanded.set(schema, known)
    return known as S
  }

  app.decorate('withDeclared', withDeclared)
  app.setSerializerCompiler(({ schema }) => {
    if (!isMarked(schema)) return serializerOf(schema)
    let of: object | undefined
    let serialize: Serializer
    return (value) => {
      const current = withDeclared(schema as object)
      if (current !== of) serialize = serializerOf(current)
      of = current
      return serialize(value)
    }
  })
}, { name: 'declared', dependencies: ['core'] })

const isMarked = (schema: unknown): boolean => typeof schema === 'object' && schema !== null && ('declared' in schema || Object.values(schema).some(isMarked))

function expand (schema: unknown, fields: readonly ProfileField[]): object {
  if (typeof schema !== 'object' || schema === null || !isMarked(schema)) return schema as object
  if (Array.isArray(schema)) return schema.map((item) => expand(item, fields))
  const { declared, ...rest } = schema as Marked
  const said = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, expand(value, fields)])) as Marked
  if (declared === undefined) return said
  const named = fields.map((field) => [`${declared.prefix ?? ''}${field.key}`, field] as const)
  const needed = declared.as === 'given' ? named.filter(([, field]) => field.isMandatory).map(([name]) => name) : []
  const required = [...said.required ?? [], ...needed]
  return {
    ...said,
    properties: { ...said.properties, ...Object.fromEntries(named.map(([name, field]) => [name, { ...SHAPES[declared.as](field), ...needed.includes(name) && { examples: [sampleOf(field)] } }])) },
    ...required.length > 0 && { required },
  }
}

const SHAPES = { written: writtenAs, given: writtenAs, shown: shownAs, narrowed: () => ({ enum: [...AUDIENCES, null] }) }
const SAMPLES = { string: 'text', integer: 1, phone_number: '+1-555-0157', url: 'https://example.com', email: 'ada@example.com', checkbox: true } as const

/** A value that the field takes. */
const sampleOf = ({ type, options }: ProfileField): unknown => type === 'enum' ? options[0] : SAMPLES[type]

const OTHER_TYPES = { integer: 'integer', checkbox: 'boolean' } as const
const FORMATS = { string: 'text', phone_number: 'phone', url: 'uri', email: 'email' } as const

/** What an update may say. Judged by the core, so this only tells readers of bodies and of the document. */
function writtenAs ({ type, label, options, isMandatory }: ProfileField): object {
  const title = label === '' ? {} : { title: label }
  const or = (name: string) => isMandatory ? name : [name, 'null']
  if (type === 'enum') return { ...title, enum: isMandatory ? options : [...options, '', null] }
  if (type === 'integer' || type === 'checkbox') return { ...title, type: or(OTHER_TYPES[type]) }
  return { ...title, type: or('string'), maxLength: ATTRIBUTE_MAX[type], format: FORMATS[type], ...isMandatory && { minLength: 1 } }
}

function shownAs ({ type }: ProfileField): object {
  return type === 'integer' || type === 'checkbox' ? { type: [OTHER_TYPES[type], 'null'] } : { type: 'string' }
}
