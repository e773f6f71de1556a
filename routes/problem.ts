import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../src/core/errors.ts'
import type { FieldError, FieldErrorCode, Params } from '../src/core/errors.ts'
import { typeOf } from '../src/core/formats.ts'
import type { Account } from '../src/core/users.ts'
import { FIELD_MESSAGES, STATUS } from './messages.ts'
import { wireName } from './names.ts'
import type { Names } from './names.ts'

interface SchemaError {
  instancePath: string
  keyword: string
  params: Record<string, unknown>
  data?: unknown
  parentSchema?: { type?: string | string[], format?: string }
}

const RETRY_AFTER_S = 2

/** Anything thrown → the one error that is told. What nobody foresaw is `internal`: logged whole, told without a word of it. */
function toProblem (error: unknown, request: FastifyRequest): AppError {
  const problem = error instanceof AppError ? error : recognise(error as Thrown, request)
  if (STATUS[problem.code] >= 500) request.log.error({ err: error }, 'request failed')
  return problem
}

type Thrown = Error & { code?: string, statusCode?: number, params?: Params }

function recognise (error: Thrown, request: FastifyRequest): AppError {
  const { code = '', statusCode } = error
  const details = { cause: error, params: error.params ?? {} }
  if (code === 'IMAGE_TOO_LARGE' || statusCode === 413) return new AppError('too_large', details)
  if (code === 'IMAGE_UNAVAILABLE' || code.startsWith('SQLITE_BUSY')) return new AppError('unavailable', details)
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL') return new AppError('insufficient_storage', details)
  if (statusCode === 415) return new AppError('unsupported_media_type', { params: { type: request.headers['content-type'] ?? '' } })
  // A path that cannot be decoded, or is too long, is the path of nothing.
  if (statusCode === 404 || statusCode === 414 || code === 'FST_ERR_BAD_URL') return new AppError('not_found', details)
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return new AppError('parse_error', { params: { reason: error.message }, cause: error })
  return new AppError('internal', { cause: error })
}

interface Voice {
  /** What WWW-Authenticate says to whoever is not signed in. */
  challenge: string
  toBody: (problem: AppError, body: unknown) => object
  /** The account as this family shows it to the sender of the request. */
  represent: (account: Account, request: FastifyRequest) => Record<string, unknown>
}

/** The error handler of a family: one answer for anything that a route can throw. */
export function createErrorHandler ({ challenge, toBody, represent }: Voice) {
  return function sendError (error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = toProblem(error, request)
    const status = STATUS[problem.code]
    reply.code(status)
    if (status === 401) reply.header('www-authenticate', challenge)
    if (problem.code === 'unavailable') reply.header('retry-after', RETRY_AFTER_S)
    if (problem.current !== undefined) {
      // With a failed precondition goes the ETag of the account as it is now.
      const { version } = problem.current
      reply.header('etag', reply.etagOf(version, String(reply.serializeInput(represent(problem.current, request), '200'))))
    }
    reply.send(toBody(problem, request.body))
  }
}

/** The text and the public code of one finding. */
export function say ({ code, params = {} }: FieldError): { code: string, message: string } {
  return { code: FIELD_MESSAGES[code].code, message: FIELD_MESSAGES[code].text(params) }
}

/** `wire`: the name that the client used, where the family itself found the fault; by then the value has left the body. */
interface WireFinding extends FieldError { wire?: string }

/** The findings of a problem by wire name, in the order of the family's schema; null for the body as a whole. */
export function byWireName (problem: AppError, names: Names, body: unknown): [string | null, FieldError[]][] {
  const order = Object.keys(names)
  const found = new Map<string | null, FieldError[]>()
  for (const finding of problem.fields as WireFinding[]) {
    const wire = finding.field === null ? null : finding.wire ?? wireName(finding.field, names, body)
    found.set(wire, [...found.get(wire) ?? [], finding])
  }
  return [...found].sort(([a], [b]) => order.indexOf(a ?? '') - order.indexOf(b ?? ''))
}

/** Findings as the originals of two families tell them: `{"<field>": ["…"]}`. */
export function messagesByField (problem: AppError, names: Names, body: unknown): Record<string, string[]> {
  const found = byWireName(problem, names, body)
  return Object.fromEntries(found.map(([field, findings]) => [field ?? 'non_field_errors', findings.map((finding) => say(finding).message)]))
}

/**
 * What validation found, in the core's words; the failing keys leave the body. A value that the family itself shows for
 * the account is kept without being judged, so that a whole object can be sent back (CONTRACT §5 rows 5–8).
 */
export function findingsOf (request: FastifyRequest, names: Names, shown?: () => object): FieldError[] {
  const errors = (request.validationError?.validation ?? []) as unknown as SchemaError[]
  if (errors.length === 0) return []
  const body = request.body as Record<string, unknown>
  const current = (shown?.() ?? {}) as Record<string, unknown>
  const findings = new Map<string, WireFinding>()
  for (const error of errors) {
    const name = error.keyword === 'required' ? String(error.params.missingProperty) : error.instancePath.split('/')[1] ?? ''
    const isUnchanged = name in body && name in current && body[name] === current[name]
    const finding = { field: names[name] ?? name, wire: name, ...describe(error) }
    const known = findings.get(name)
    if (!isUnchanged && (known === undefined || rank(finding.code) < rank(known.code))) findings.set(name, finding)
  }
  for (const error of errors) delete body[error.instancePath.split('/')[1] ?? '']
  return [...findings.values()]
}

/** Of several errors in one value the first of these is told. */
const RANKED: FieldErrorCode[] = ['null', 'not_a_string', 'blank', 'null_characters', 'max_length']
const rank = (code: FieldErrorCode): number => (RANKED.indexOf(code) + RANKED.length + 1) % (RANKED.length + 1)

const FORMATS: Record<string, FieldErrorCode> = { email: 'invalid_email', uri: 'invalid_url', username: 'invalid_username', date: 'invalid_date', latlng: 'invalid_value' }
const TYPES: Record<string, FieldErrorCode> = { string: 'not_a_string', boolean: 'invalid_boolean', integer: 'invalid_integer', array: 'not_a_list' }

function describe (error: SchemaError): { code: FieldErrorCode, params?: Params } {
  const { keyword, params, data, parentSchema } = error
  const isInList = error.instancePath.split('/').length > 2
  if (isInList && keyword === 'minimum') return { code: 'does_not_exist', params: { id: asText(data) } }
  if (isInList) return { code: 'incorrect_type', params: { type: typeOf(data) } }
  if (keyword === 'required') return { code: 'required' }
  if (data === null) return { code: 'null' }
  if (keyword === 'enum') return { code: 'invalid_choice', params: { value: asText(data) } }
  if (keyword === 'minLength') return params.limit === 1 ? { code: 'blank' } : { code: 'min_length', params: params as Params }
  if (keyword === 'maxLength') return { code: 'max_length', params: params as Params }
  if (keyword === 'minimum') return { code: 'min_value', params: { limit: Number(params.limit) } }
  if (keyword === 'image') return { code: params.isRepeated === true ? 'repeated_file' : 'not_a_file' }
  if (keyword === 'format') return { code: FORMATS[parentSchema?.format ?? ''] ?? (typeof data === 'string' && data.includes('\0') ? 'null_characters' : 'not_a_string') }
  if (keyword !== 'type') return { code: 'invalid_value' }
  const type = [parentSchema?.type].flat()[0] ?? ''
  const code = parentSchema?.format === 'date' ? 'invalid_date' : TYPES[type] ?? 'invalid_value'
  return code === 'not_a_list' ? { code, params: { type: typeOf(data) } } : { code }
}

const TOLD = 100
/** A value as it is told back: never long, and a nested one not at all, for it may be deeper than the stack. */
function asText (value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? '[…]' : '{…}'
  return String(value).slice(0, TOLD).toWellFormed()
}
