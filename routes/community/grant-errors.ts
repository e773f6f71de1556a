import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../src/core/errors.ts'
import type { ErrorCode, FieldErrorCode } from '../../src/core/errors.ts'
import { MESSAGES, STATUS } from '../messages.ts'
import type { Names } from '../names.ts'
import { createErrorHandler, say } from '../problem.ts'
import { toErrors, voice } from './errors.ts'

/** Whatever was shown does not open the door: to RFC 6749 §5.2 that is a 400. */
const REFUSED: ReadonlySet<ErrorCode> = new Set(['bad_credentials', 'token_invalid', 'token_wrong_type'])
const SECOND_FACTOR: ReadonlySet<FieldErrorCode> = new Set(['second_factor_required', 'second_factor_invalid'])
/** All that a description may hold. */
const UNSAID = /[^\x20-\x21\x23-\x5B\x5D-\x7E]/g

function errorOf ({ code, fields }: AppError): string {
  if (REFUSED.has(code) || fields.some((finding) => SECOND_FACTOR.has(finding.code))) return 'invalid_grant'
  return fields.some((finding) => finding.code === 'invalid_choice') ? 'unsupported_grant_type' : 'invalid_request'
}

function descriptionOf ({ code, params, fields: [first] }: AppError): string {
  const said = first === undefined ? MESSAGES[code](params) : `${first.field ?? 'body'}: ${say(first).message}`
  return said.replace(UNSAID, '')
}

/** A 400 says it twice: as the RFC has it, and as the family's client reads it. */
function toBody (problem: AppError, names: Names, body: unknown): object {
  const errors = toErrors(problem, names, body)
  const isTwofold = STATUS[problem.code] === 400 || REFUSED.has(problem.code)
  return isTwofold ? { error: errorOf(problem), error_description: descriptionOf(problem), ...errors } : errors
}

const send = createErrorHandler({ ...voice, names: {}, toBody })

export function sendGrantError (error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (error instanceof AppError && REFUSED.has(error.code)) reply.code(400).send(toBody(error, {}, request.body))
  else send(error, request, reply)
}
