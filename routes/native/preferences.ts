import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FieldError } from '../../src/core/errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `Prefer: handling=lenient` is obeyed. */
    canIgnore?: true
  }
}

const NONE: ReadonlyMap<string, string> = new Map()

/** What `Prefer` (RFC 7240) says, by name. */
function preferencesOf ({ headers }: FastifyRequest): ReadonlyMap<string, string> {
  const { prefer } = headers
  if (prefer === undefined) return NONE
  const wishes = [prefer].flat().join(',').split(',')
  return new Map(wishes.map((wish) => {
    const [name = '', value = ''] = (wish.split(';')[0] ?? '').split('=')
    return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1').toLowerCase()] as const
  }))
}

/** Keys that the route does not know, or that the sender may not write, are dropped and named instead of refused, where the route can name them. */
export const isLenient = (request: FastifyRequest): boolean =>
  preferencesOf(request).get('handling') === 'lenient' && request.routeOptions.config.canIgnore === true

/** What the answer says of that: the keys that were dropped. */
export function ignored (request: FastifyRequest, reply: FastifyReply, refused: readonly FieldError[]): { ignored?: string[] } {
  if (!isLenient(request)) return {}
  reply.header('preference-applied', 'handling=lenient')
  return { ignored: [...request.unknown ?? [], ...refused.map(({ field }) => field ?? '')] }
}

/** A write is let through when nothing of what it names has changed since the version that it was made from. */
export const mergesDisjoint = (request: FastifyRequest): boolean => preferencesOf(request).get('merge') === 'disjoint'
