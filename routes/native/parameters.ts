import type { FastifyRequest } from 'fastify'
import { refuse } from '../../src/core/errors.ts'
import type { FieldError } from '../../src/core/errors.ts'
import { isForGood } from '../deletion.ts'
import { flagOf, textOf } from '../query.ts'
import { DRY_RUN } from './dry-run.ts'
import { unknownField } from './unknown.ts'

/** A parameter that stands for more, which are known by themselves. */
const STANDS_FOR_MORE = '.*'
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Every name in the query that the route does not know; `more` are known beside those of its schema. */
export function unknownParameters ({ query, routeOptions }: FastifyRequest, more: readonly string[] = []): FieldError[] {
  const { querystring } = routeOptions.schema as { querystring?: { properties: object } }
  const known = [...Object.keys(querystring?.properties ?? {}).filter((name) => !name.endsWith(STANDS_FOR_MORE)), ...more]
  return Object.keys(query as object).filter((name) => !known.includes(name)).map((name) => unknownField(name, known))
}

/**
 * Before anything is done: of a write every word of the query is understood, or it is refused. What a misspelt `dryRun` only
 * asks for must not be written, nor all sessions end where those of others were meant.
 */
export function requireKnownQuery (request: FastifyRequest): void {
  const { method, query } = request
  if (READS.has(method) || Object.keys(query as object).length === 0 || request.routeOptions.schema === undefined) return
  const unknown = unknownParameters(request).filter(({ field }) => field !== DRY_RUN)
  const isUnclear = (name: string) => textOf(query as object, name) !== undefined && flagOf(query as object, name) === undefined
  // For good is said in fewer words than other flags: whoever uses another must not believe that it is done.
  const isHalfSaid = flagOf(query as object, 'hard') === true && !isForGood(request)
  const unclear = Object.keys(query as object).filter((name) => name !== DRY_RUN && (isUnclear(name) || (name === 'hard' && isHalfSaid)))
  const isNew = (name: string) => unknown.every(({ field }) => field !== name)
  refuse([...unknown, ...unclear.filter(isNew).map((field): FieldError => ({ field, code: 'invalid_value' }))])
}
