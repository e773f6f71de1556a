import type { TObject } from '@sinclair/typebox'
import type { FieldError } from '../../src/core/errors.ts'
import { foundIn } from '../findings.ts'
import { CreateSchema, NAMES, PatchSchema } from './bodies.ts'

type Values = Record<string, unknown>
type Validate = ((value: unknown) => boolean) & { errors?: unknown[] | null }
interface Property { properties?: Record<string, Property>, readOnly?: boolean }

type Compiled = (schema: TObject) => { schema: object, validate: Validate }

/**
 * What a program around the service writes of a person, judged as a body of this family is: what is left without what is wrong, and all
 * that is. `compiled`: the validator of a schema.
 */
export function judgedValues (given: object, isNew: boolean, compiled: Compiled): { values: Values, errors: FieldError[] } {
  const { schema, validate } = compiled(isNew ? CreateSchema : PatchSchema)
  const known = schema as Property
  const values = structuredClone(given) as Values
  const unknown = [...unknownIn(values, known), ...unknownIn(values.attributes, known.properties?.attributes, 'attributes.')]
  const found = validate(values) ? [] : foundIn(values, validate.errors as Parameters<typeof foundIn>[1], NAMES)
  return { values, errors: [...unknown, ...found] }
}

/** Takes away the keys that nobody knows, and tells them. */
function unknownIn (values: unknown, { properties = {} }: Property = {}, below = ''): FieldError[] {
  if (typeof values !== 'object' || values === null) return []
  const unknown = Object.keys(values).filter((key) => !Object.hasOwn(properties, key) || properties[key]?.readOnly)
  for (const key of unknown) Reflect.deleteProperty(values, key)
  return unknown.map((key) => ({ field: `${below}${key}`, code: 'unknown_field' }))
}
