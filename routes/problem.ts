import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../src/core/errors.ts'
import type { FieldError, Params } from '../src/core/errors.ts'
import type { Account } from '../src/core/people/users.ts'
import type { WireFinding } from './findings.ts'
import { FIELD_MESSAGES, STATUS } from './messages.ts'
import { wireName } from './names.ts'
import type { Names } from './names.ts'

const RETRY_AFTER_S = 2

/** Anything thrown → the one error that is told. What nobody foresaw is `internal`: logged whole, told without a word of it. */
export function toProblem (error: unknown, request: FastifyRequest): AppError {
  const problem = error instanceof AppError ? error : recognise(error as Thrown, request)
  if (STATUS[problem.code] >= 500) request.log.error({ err: error }, 'request failed')
  return problem
}

type Thrown = Error & { code?: string, statusCode?: number, params?: Params }

function recognise (error: Thrown, request: FastifyRequest): AppError {
  const { code = '', statusCode } = error
  const details = { cause: error, params: error.params ?? {} }
  if (code === 'IMAGE_TOO_LARGE' || statusCode === 413) return new AppError('too_large', details)
  if (code === 'IMAGE_UNAVAILABLE' || code === 'DATABASE_BUSY') return new AppError('unavailable', details)
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'STORE_FULL' || code === 'DATABASE_FULL') return new AppError('insufficient_storage', details)
  if (statusCode === 415) return new AppError('unsupported_media_type', { params: { type: request.headers['content-type'] ?? '' } })
  // A path that cannot be decoded, or is too long, is the path of nothing.
  if (statusCode === 404 || statusCode === 414 || code === 'FST_ERR_BAD_URL') return new AppError('not_found', details)
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return new AppError('parse_error', { params: { reason: error.message }, cause: error })
  return new AppError('internal', { cause: error })
}

/** An account as a family shows it to the sender of the request, and the schema by which that is written. */
export interface Represent {
  schema: Record<string, unknown>
  show: (account: Account, request: FastifyRequest) => Record<string, unknown> | Promise<Record<string, unknown>>
}

/** How errors are told. */
export interface Voice {
  /** What WWW-Authenticate says to whoever is not signed in. */
  challenge: string
  /** The wire's words for what an account holds, in the order of the body. */
  names: Names
  /** What is sent: an object as JSON, a text as it is. `names`: of the body that the route takes. */
  toBody: (problem: AppError, names: Names, body: unknown, request: FastifyRequest) => object | string
  /** The account as this family shows it to the sender of the request. */
  represent: Represent
  /** The media type of what is sent, where it is not `application/json`. */
  type?: string
  /** What a failed precondition tells beside that of the account as it is, which `shown` holds. */
  besideCurrent?: (shown: object, current: Account, request: FastifyRequest) => Promise<object>
}

/** The error handler of a family: one answer for anything that a route can throw. A route's config can have other names, and show an account otherwise. */
export function createErrorHandler (voice: Voice) {
  const toBody = (problem: AppError, request: FastifyRequest) => voice.toBody(problem, request.routeOptions.config.names ?? voice.names, request.body, request)

  /** With a failed precondition goes the ETag of the account as it is now. */
  async function sendBesideCurrent (problem: AppError, current: Account, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { represent = voice.represent } = request.routeOptions.config
    try {
      const shown = await represent.show(current, request)
      const body = toBody(problem, request)
      reply.header('etag', reply.etagOf(current.version, reply.serializeInput(shown, represent.schema)))
      reply.send(voice.besideCurrent === undefined ? body : { ...body as object, ...await voice.besideCurrent(shown, current, request) })
    } catch (failure) {
      sendError(failure, request, reply)
    }
  }

  function sendError (error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = toProblem(error, request)
    const status = STATUS[problem.code]
    reply.code(status)
    if (voice.type !== undefined) reply.type(voice.type)
    if (status === 401) reply.header('www-authenticate', voice.challenge)
    if (problem.code === 'unavailable') reply.header('retry-after', RETRY_AFTER_S)
    if (problem.code === 'throttled') {
      // Of the limit that refuses, which need not be the one that counts requests.
      const { wait, limit } = problem.params
      reply.headers({ 'retry-after': wait, 'ratelimit-limit': limit, 'ratelimit-remaining': 0, 'ratelimit-reset': wait })
    }
    if (problem.current === undefined) {
      reply.send(toBody(problem, request))
      return
    }
    void sendBesideCurrent(problem, problem.current, request, reply)
  }

  return sendError
}

/** The text and the public code of one finding. */
export function say ({ code, params = {} }: FieldError): { code: string, message: string } {
  return { code: FIELD_MESSAGES[code].code, message: FIELD_MESSAGES[code].text(params) }
}

/** The findings of a problem by wire name, in the order of the family's schema; null for the body as a whole. */
export function byWireName (problem: AppError, names: Names, body: unknown): [string | null, FieldError[]][] {
  const order = Object.keys(names)
  const found = new Map<string | null, FieldError[]>()
  for (const finding of problem.fields as WireFinding[]) {
    const wire = finding.field === null ? null : finding.wire ?? wireName(finding.field, names, body)
    found.set(wire, [...found.get(wire) ?? [], finding])
  }
  const rank = (name: string | null) => name === null ? -1 : order.includes(name) ? order.indexOf(name) : order.length
  return [...found].sort(([a], [b]) => rank(a) - rank(b))
}

/** Findings as the originals of two families tell them: `{"<field>": ["…"]}`. */
export function messagesByField (problem: AppError, names: Names, body: unknown): Record<string, string[]> {
  const found = byWireName(problem, names, body)
  return Object.fromEntries(found.map(([field, findings]) => [field ?? 'non_field_errors', findings.map((finding) => say(finding).message)]))
}
