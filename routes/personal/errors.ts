import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AppError, ErrorCode } from '../../src/core/errors.ts'
import type { Account } from '../../src/core/users.ts'
import { MESSAGES, STATUS } from '../messages.ts'
import { byWireName, head, say, toProblem } from '../problem.ts'
import { toUser } from './convert.ts'
import { NAMES } from './schemas.ts'

type Body = Record<string, unknown>

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
  token_invalid: notValid('Token is invalid or expired'),
  token_wrong_type: notValid('Token has wrong type'),
  account_unknown: { detail: 'User not found', code: 'user_not_found' },
  account_inactive: { detail: 'User is inactive', code: 'user_inactive' },
  permission_denied: { error: 'Not authorized' },
  internal: { error: MESSAGES.internal({}) },
}

/** `{"<field>":["…"]}` for findings, the original's own bodies where it has them. */
export function toBody (problem: AppError, body: unknown): Body {
  if (problem.fields.length === 0) return OWN[problem.code] ?? { detail: MESSAGES[problem.code](problem.params) }
  const found = byWireName(problem, NAMES, body)
  return Object.fromEntries(found.map(([field, findings]) => [field ?? 'non_field_errors', findings.map((finding) => say(finding).message)]))
}

export function sendError (error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = toProblem(error, request)
  head(reply, problem)
  if (problem.current !== undefined) tell(problem.current as Account, request, reply)
  if (STATUS[problem.code] === 401) reply.header('www-authenticate', 'Bearer realm="api"')
  reply.send(toBody(problem, request.body))
}

/** `sign-in/` answers a wrong password, or an unknown address, with 400 and `error`. */
export function sendSignInError (error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = toProblem(error, request)
  if (problem.code !== 'bad_credentials') {
    sendError(problem, request, reply)
    return
  }
  reply.code(400).send({ error: 'Invalid password' })
}

/** `token/refresh/` speaks of the token in the body, not of the header. */
export function sendRefreshError (error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = toProblem(error, request)
  if (problem.code !== 'token_invalid' && problem.code !== 'token_wrong_type') {
    sendError(problem, request, reply)
    return
  }
  head(reply, problem)
  const detail = problem.code === 'token_invalid' ? 'Token is invalid or expired' : 'Token has wrong type'
  reply.header('www-authenticate', 'Bearer realm="api"').send({ detail, code: 'token_not_valid' })
}

/** With a failed precondition goes the ETag of the account as it is. */
function tell (current: Account, { server }: FastifyRequest, reply: FastifyReply): void {
  const body = reply.serializeInput(toUser(current, server.media.path), '200') as string
  reply.header('etag', reply.etagOf(current.version, body))
}
