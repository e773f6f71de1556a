import { Type } from '@sinclair/typebox'
import type { TProperties, TSchema } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LIMIT, LIMIT_MAX } from '../pages.ts'
import { nullable } from '../shapes.ts'
import { sentIn, unknownParameters } from './parameters.ts'

/** A parameter, and what the document says of it. */
export const asked = (description: string) => Type.Optional(Type.String({ description }))

const WINDOW = {
  limit: asked(`how many, ${LIMIT} unless told, at most ${LIMIT_MAX}`),
  after: asked('the `next` of the page before'),
  count: asked('`exact`: the answer says in `total` how many there are'),
}
const WHOLE = /^-?\d{1,15}$/

/** The query of a list; `filters` are what it can be narrowed by. */
export const listQuery = <P extends TProperties>(filters: P) => Type.Object({ ...WINDOW, ...filters })
export const ListQuery = listQuery({})

/** A page of a list. */
export const listOf = <T extends TSchema>(item: T) => Type.Object({
  items: Type.Array(item),
  next: nullable.string(),
  total: Type.Optional(Type.Integer({ description: 'with `count=exact`' })),
}, { title: `${item.title}List`, description: 'A page, and as what `after` it goes on; null after the last.' })

/** What the query says of the page, and what is wrong with it: no filter is ignored. */
export function windowOf (request: FastifyRequest, more: readonly string[] = []) {
  const [limit, after, count] = ['limit', 'after', 'count'].map((name) => sentIn(request, name))
  const errors = unknownParameters(request, more)
  if (count !== undefined && count !== 'exact') errors.push({ field: 'count', code: 'invalid_choice', params: { value: count } })
  return { window: { limit: limit === undefined ? LIMIT : WHOLE.test(limit) ? Number(limit) : NaN, after }, isCounted: count === 'exact', errors }
}

export interface Found<R> { rows: readonly R[], next: string | null }

/** The page as it is sent, with the address of the next one. `count` is asked when the query wants to know. */
export async function toList<R, I> (
  request: FastifyRequest, reply: FastifyReply, { rows, next }: Found<R>, toItem: (row: R) => I, count: () => Promise<number>,
) {
  if (next !== null) {
    const { publicAddress } = request.server
    const url = new URL(publicAddress.below(request.url), 'http://unused')
    url.searchParams.set('after', next)
    reply.header('link', `<${publicAddress.url(`${url.pathname}${url.search}`)}>; rel="next"`)
  }
  return { items: rows.map(toItem), next, ...windowOf(request).isCounted && { total: await count() } }
}
