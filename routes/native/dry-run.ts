import type { FastifyRequest } from 'fastify'
import { refuse } from '../../src/core/errors.ts'
import { flagOf, textOf } from '../query.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `?dryRun=true` is understood. */
    canRehearse?: true
  }
}

/** Whether the request only asks what it would do. */
export const isDry = ({ query }: FastifyRequest): boolean => flagOf(query as object, 'dryRun') === true

/** Before anything is done: in doubt nothing is to be written. */
export async function requireKnownDryRun ({ query, routeOptions }: FastifyRequest): Promise<void> {
  const isAsked = textOf(query as object, 'dryRun') !== undefined
  const isUnderstood = routeOptions.config.canRehearse === true && flagOf(query as object, 'dryRun') !== undefined
  if (isAsked && !isUnderstood) refuse([{ field: 'dryRun', code: 'invalid_value' }])
}
