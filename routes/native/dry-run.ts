import { isDeepStrictEqual } from 'node:util'
import { Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { refuse } from '../../src/core/errors.ts'
import { flagOf, textOf } from '../query.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `?dryRun=true` is understood. */
    canRehearse?: true
  }
}

const ChangeSchema = Type.Object({ from: Type.Unknown(), to: Type.Unknown() })
export const ChangesSchema = Type.Record(Type.String(), ChangeSchema, { description: 'what would change, by field' })
type Changed = Record<string, { from: unknown, to: unknown }>

/** Of these values, before and after, those that are not the same; what is absent is null. */
export function differences (values: readonly (readonly [name: string, from: unknown, to: unknown])[]): Changed {
  const told = values.map(([name, from = null, to = null]) => [name, { from, to }] as const)
  return Object.fromEntries(told.filter(([, { from, to }]) => !isDeepStrictEqual(from, to)))
}

/** Whether the request only asks what it would do. */
export const isDry = ({ query }: FastifyRequest): boolean => flagOf(query as object, 'dryRun') === true

/** Before anything is done: in doubt nothing is to be written. */
export async function requireKnownDryRun ({ query, routeOptions }: FastifyRequest): Promise<void> {
  const isAsked = textOf(query as object, 'dryRun') !== undefined
  const isUnderstood = routeOptions.config.canRehearse === true && flagOf(query as object, 'dryRun') !== undefined
  if (isAsked && !isUnderstood) refuse([{ field: 'dryRun', code: 'invalid_value' }])
}
