import { Type } from '@sinclair/typebox'
import type { ObjectOptions, Static, TSchema, TUnsafe } from '@sinclair/typebox'
import type { AttributeValue } from '../src/core/fields/attributes.ts'
import { FIELDS } from '../src/core/fields/index.ts'
import type { Changes } from '../src/core/fields/index.ts'

/**
 * The shapes that values have on the wire. A body's reader, its validator and the API document all go by the same few words
 * of JSON Schema, so a schema says everything about a value once.
 */
type Limited = { [K in keyof typeof FIELDS]: (typeof FIELDS)[K] extends { max: number } ? K : never }[keyof typeof FIELDS]

interface TextRules {
  /** Where a family's limit is tighter than the core's. */
  max?: number
  required?: boolean
  format?: string
  pattern?: string
}

/** Most texts are one line. */
const FORMATS: { [K in Limited]?: string } = { bio: 'lines', phone: 'phone' }

function rules (field: Limited, { max, required, format = FORMATS[field] ?? 'text', pattern }: TextRules) {
  return { maxLength: max ?? FIELDS[field].max, format, ...required && { minLength: 1 }, ...pattern !== undefined && { pattern } }
}

/** The schema with a value that the API document shows, and that works when it is sent. */
export const withExample = <S extends TSchema>(schema: S, value: Static<S>): S => ({ ...schema, examples: [value] })

/** What the document shows of a body when not all properties with an example belong together: those named, by their own. */
export const exampleOf = <P extends Record<string, TSchema>>(properties: P, ...names: (keyof P & string)[]) =>
  ({ examples: [Object.fromEntries(names.map((name) => [name, (properties[name]?.examples as unknown[] | undefined)?.[0]]))] })

/** A text that cannot be null. */
export const text = (field: Limited, options: TextRules = {}) => Type.String(rules(field, options))
/** A text that null clears. */
export const clearable = (field: Limited, options: TextRules = {}) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], ...rules(field, options) })
export const choice = <const V extends string | null>(...values: V[]): TUnsafe<V> => Type.Unsafe<V>({ enum: values })
export const date = () => Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'date' })
export const ids = () => Type.Array(Type.Integer({ minimum: 1 }))
export const count = () => Type.Integer({ minimum: 0 })
export const password = (example = 'correct horse battery') => Type.String({ format: 'password', minLength: 1, writeOnly: true, examples: [example] })
export const newPassword = () => password('a nanosecond of wire')

/** What tokens look like; only the service makes one that counts. */
export const TOKEN = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.….…'

/** What a mailed code comes back as. */
export const code = () => Type.String({ minLength: 1, format: 'text', writeOnly: true, description: 'as it was mailed', examples: ['ABCDE-FGHJK'] })
/** Needed once a second factor is on. */
export const otp = () => Type.Optional(Type.String({ format: 'text', writeOnly: true, description: 'six digits of the authenticator, or a recovery code' }))

/** Goes with what ends sessions. */
export const endTokens = () => Type.Optional(Type.Boolean({ description: '`true`: all API tokens end as well', examples: [false] }))

type Staged = NonNullable<Changes['avatar']>

/** A picture: a file in a form, null in JSON. */
export const picture = (kind: 'avatar' | 'cover', options: { blankClears?: boolean, base64?: boolean } = {}) =>
  Type.Unsafe<Staged | null>({ image: { kind, ...options } })

/** A body of which nothing need be sent. */
export const partial = <P extends Record<string, TSchema>>(properties: P, options: ObjectOptions = {}) => Type.Partial(Type.Object(properties), options)

/** The same, but one field must be sent. */
export const requiring = (name: string, properties: Record<string, TSchema>, options: ObjectOptions = {}) =>
  Type.Object(Object.fromEntries(Object.entries(properties).map(([key, schema]) => [key, key === name ? schema : Type.Optional(schema)])), options)

/** The mark of an object that holds the declared fields: to be written, given when an account is made, shown, or who sees each. */
export const declared = (as: 'written' | 'given' | 'shown' | 'narrowed') => ({ declared: { as } })
/** The declared fields, where a family keeps them apart. */
export const attributes = (as: 'written' | 'given' | 'shown' | 'narrowed') => Type.Unsafe<Record<string, AttributeValue | null>>({ type: 'object', properties: {}, ...declared(as) })

/** What answers are made of. Null unions are written as type lists: the serializer is fastest with those. */
export const nullable = {
  string: () => Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  boolean: () => Type.Unsafe<boolean | null>({ type: ['boolean', 'null'] }),
}

/** What is wrong, where no family speaks. */
export const problem = Type.Object({ detail: Type.String() }, { title: 'Problem' })

/** Milliseconds → ISO 8601 in UTC, with microseconds only when there is a fraction (CONTRACT §1.3). */
export function isoTime (time: number): string {
  const iso = new Date(time).toISOString()
  return iso.endsWith('.000Z') ? `${iso.slice(0, -5)}Z` : `${iso.slice(0, -1)}000Z`
}
