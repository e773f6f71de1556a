import { closest, distance } from 'fastest-levenshtein'
import type { FastifyRequest } from 'fastify'
import type { FieldError } from '../../src/core/errors.ts'
import { isLenient } from './preferences.ts'

/** More letters away it is another word. */
const NEAR = 3
const LONGEST = 64

/** Each key of a body that the route does not know, with the known one that is nearest. */
export function unknownFindings (request: FastifyRequest): FieldError[] {
  const { unknown } = request
  if (unknown === null || unknown.length === 0 || isLenient(request)) return []
  const known = knownOf(request)
  return unknown.map((field) => unknownField(field, known))
}

/** A name that is none of the known ones, with the nearest of them. */
export function unknownField (field: string, known: readonly string[]): FieldError {
  const nearest = nearestTo(field, known)
  return { field, code: 'unknown_field', ...nearest !== undefined && { params: { nearest } } }
}

function knownOf ({ routeOptions, server }: FastifyRequest): string[] {
  const { properties = {} } = (routeOptions.schema?.body ?? {}) as { properties?: Record<string, { declared?: object, readOnly?: boolean }> }
  const declared = server.core.users.declared().map(({ key }) => key)
  return Object.entries(properties).flatMap(([name, property]) => {
    if (property.readOnly) return []
    return property.declared === undefined ? [name] : declared.map((key) => `${name}.${key}`)
  })
}

function nearestTo (word: string, known: readonly string[]): string | undefined {
  // Of a key that is longer than every name there is nothing to compare.
  const nearest = word.length > LONGEST || known.length === 0 ? undefined : closest(word, known)
  return nearest !== undefined && distance(word, nearest) <= NEAR ? nearest : undefined
}
