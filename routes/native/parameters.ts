import type { FastifyRequest, FastifySchema } from 'fastify'
import { refuse } from '../../src/core/errors.ts'
import type { FieldError } from '../../src/core/errors.ts'
import { isForGood } from '../deletion.ts'
import { flagOf } from '../query.ts'
import { DRY_RUN } from './dry-run.ts'
import { unknownField } from './unknown.ts'

/** A parameter that stands for more, which are known by themselves. */
const STANDS_FOR_MORE = '.*'
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** Every name in the query that the route does not know; `more` are known beside those of its schema. */
export function unknownParameters ({ query, routeOptions }: FastifyRequest, more: readonly string[] = []): FieldError[] {
  const { querystring } = routeOptions.schema as { querystring?: { properties: object } }
  const known = [...Object.keys(querystring?.properties ?? {}).filter((name) => !name.endsWith(STANDS_FOR_MORE)), ...more]
  return Object.keys(query as object).filter((name) => !known.includes(name)).map((name) => unknownField(name, known))
}

/** Without the blanks around it; of a parameter that is sent more than once the last counts. Undefined: it was not sent. An empty one says something. */
export function sentIn ({ query }: FastifyRequest, name: string): string | undefined {
  const sent = [(query as Record<string, unknown>)[name]].flat().at(-1)
  return typeof sent === 'string' ? sent.trim() : undefined
}

/**
 * Before anything is done: every word of the query is understood, or it is refused. What a misspelt `dryRun` only asks for must
 * not be written, nor all sessions end where those of others were meant. A list says what is wrong with its query all at once.
 */
export function requireKnownQuery (request: FastifyRequest): void {
  const { method, query } = request
  const names = Object.keys(query as object)
  if (names.length === 0) return
  const { schema } = request.routeOptions
  // What answers other methods has a refusal of its own.
  if (schema?.response === undefined || isList(schema)) return
  const unknown = unknownParameters(request).filter(({ field }) => field !== DRY_RUN)
  const unclear = READS.has(method) ? [] : names.filter((name) => name !== DRY_RUN && isUnclear(request, name))
  const isNew = (name: string) => unknown.every(({ field }) => field !== name)
  refuse([...unknown, ...unclear.filter(isNew).map((field): FieldError => ({ field, code: 'invalid_value' }))])
}

const isList = ({ querystring }: FastifySchema): boolean => 'after' in ((querystring as { properties?: object } | undefined)?.properties ?? {})

/** All that a write is asked for is a flag, and one without a value says nothing. */
function isUnclear (request: FastifyRequest, name: string): boolean {
  const isSaid = flagOf(request.query as object, name)
  // For good is said in fewer words than other flags: whoever uses another must not believe that it is done.
  return isSaid === undefined || (name === 'hard' && isSaid && !isForGood(request))
}
