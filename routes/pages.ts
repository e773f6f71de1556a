import { Type } from '@sinclair/typebox'
import type { TSchema } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { PAGE_MAX as LIMIT_MAX } from '../src/core/seal/cursors.ts'
import { nullable } from './shapes.ts'

export const LIMIT = 10
export { LIMIT_MAX }
const WHOLE = /^\d{1,15}$/

export interface Window { limit: number, offset: number }

export const PageQuery = Type.Object({
  limit: Type.Optional(Type.String({ description: `how many, ${LIMIT} unless told, at most ${LIMIT_MAX}` })),
  offset: Type.Optional(Type.String({ description: 'after how many to begin' })),
})

export const pageOf = <T extends TSchema>(item: T) => Type.Object({
  count: Type.Integer(),
  next: nullable.string(),
  previous: nullable.string(),
  results: Type.Array(item),
}, { title: `${item.title}Page`, description: 'One page of the list, with how many there are and the addresses of the pages beside it.' })

/** A value that is no use is not refused: the default stands in for it (CONTRACT §1 row 11). */
export function windowOf (request: FastifyRequest): Window {
  const { limit, offset } = request.query as Record<string, unknown>
  const read = (value: unknown) => typeof value === 'string' && WHOLE.test(value) ? Number(value) : 0
  return { limit: Math.min(read(limit) || LIMIT, LIMIT_MAX), offset: read(offset) }
}

/** One page of a list; the other query parameters stay in the addresses of its neighbours. */
export function toPage<T> (request: FastifyRequest, { limit, offset }: Window, count: number, results: T[]) {
  const { publicAddress } = request.server
  const at = (start: number): string => {
    const url = new URL(publicAddress.below(request.url), 'http://unused')
    url.searchParams.set('limit', String(limit))
    if (start > 0) url.searchParams.set('offset', String(start))
    else url.searchParams.delete('offset')
    // By name, as the originals write them: `limit` before `offset`.
    url.searchParams.sort()
    return publicAddress.url(`${url.pathname}${url.search}`)
  }
  return {
    count,
    next: offset + limit < count ? at(offset + limit) : null,
    previous: offset > 0 ? at(Math.max(0, offset - limit)) : null,
    results,
  }
}
