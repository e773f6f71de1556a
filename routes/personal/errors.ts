import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../src/core/errors.ts'
import type { ErrorCode, FieldErrorCode } from '../../src/core/errors.ts'
import { MESSAGES } from '../messages.ts'
import type { Names } from '../names.ts'
import { createErrorHandler, messagesByField } from '../problem.ts'
import type { Voice } from '../problem.ts'
import { NAMES, UserSchema } from './schemas.ts'
import { userOf } from './shown.ts'

type Body = Record<string, unknown>

/** What is wrong with a token, wherever it came. */
const TOKEN_FAULTS = {
  token_invalid: 'Token is invalid or expired',
  token_wrong_type: 'Token has wrong type',
}

const notValid = (message: string): Body => ({
  detail: 'Given token not valid for any token type',
  code: 'token_not_valid',
  messages: [{ token_class: 'AccessToken', token_type: 'access', message }],
})
const badHeader: Body = { detail: 'Authorization header must contain two space-delimited values', code: 'bad_authorization_header' }

/** Where the original has words of its own (CONTRACT §4); everything else is a `detail`. */
const OWN: Partial<Record<ErrorCode, Body>> = {
  header_empty: badHeader,
  header_spaces: badHeader,
  token_invalid: notValid(TOKEN_FAULTS.token_invalid),
  token_wrong_type: notValid(TOKEN_FAULTS.token_wrong_type),
  account_unknown: { detail: 'User not found', code: 'user_not_found' },
  account_inactive: { detail: 'User is inactive', code: 'user_inactive' },
  permission_denied: { error: 'Not authorized' },
  internal: { error: MESSAGES.internal({}) },
}

/** `{"<field>":["…"]}` for findings, the original's own bodies where it has them. */
function toBody (problem: AppError, names: Names, body: unknown): object {
  if (problem.fields.length > 0) return messagesByField(problem, names, body)
  return OWN[problem.code] ?? { detail: MESSAGES[problem.code](problem.params) }
}

export const voice: Voice = {
  challenge: 'Bearer realm="api"',
  names: NAMES,
  toBody,
  represent: { schema: UserSchema, show: (account, { server }) => userOf(server, account) },
}

const sendError = createErrorHandler(voice)

const MISSING: ReadonlySet<FieldErrorCode> = new Set(['required', 'null', 'blank'])

/** `sign-in/` answers a wrong password, none at all, or an unknown address, with 400 and `error`. */
export function sendSignInError (error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const isWithout = error instanceof AppError && error.fields.length > 0 && error.fields.every(({ field, code }) => field === 'password' && MISSING.has(code))
  if (isWithout || (error instanceof AppError && error.code === 'bad_credentials')) reply.code(400).send({ error: 'Invalid password' })
  else sendError(error, request, reply)
}

/** `token/refresh/` speaks of the token in the body, not of the one in the header. */
export function sendRefreshError (error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const detail = error instanceof AppError ? (TOKEN_FAULTS as Partial<Record<ErrorCode, string>>)[error.code] : undefined
  if (detail === undefined) sendError(error, request, reply)
  else reply.code(401).header('www-authenticate', voice.challenge).send({ detail, code: 'token_not_valid' })
}
