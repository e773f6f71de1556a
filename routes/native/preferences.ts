import type { FastifyRequest } from 'fastify'

/** What `Prefer` (RFC 7240) says, by name. */
function preferencesOf ({ headers }: FastifyRequest): Map<string, string> {
  const { prefer } = headers
  const wishes = [prefer ?? []].flat().join(',').split(',')
  return new Map(wishes.map((wish) => {
    const [name = '', value = ''] = (wish.split(';')[0] ?? '').split('=')
    return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1').toLowerCase()] as const
  }))
}

/** Keys that the route does not know, or that the sender may not write, are dropped and named instead of refused. */
export const isLenient = (request: FastifyRequest): boolean => preferencesOf(request).get('handling') === 'lenient'

/** A write is let through when nothing of what it names has changed since the version that it was made from. */
export const mergesDisjoint = (request: FastifyRequest): boolean => preferencesOf(request).get('merge') === 'disjoint'
