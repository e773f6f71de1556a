import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AppError } from '../../src/core/errors.ts'
import type { Account } from '../../src/core/users.ts'
import { MESSAGES, STATUS } from '../messages.ts'
import { byWireName, head, say, toProblem } from '../problem.ts'
import { toUser } from './convert.ts'
import { NAMES } from './schemas.ts'

/** `{"<field>":["…"]}` for findings, `{"detail":"…"}` for everything else. */
export function toDetail (problem: AppError, body: unknown): Record<string, unknown> {
  if (problem.fields.length === 0) return { detail: MESSAGES[problem.code](problem.params) }
  const found = byWireName(problem, NAMES, body)
  return Object.fromEntries(found.map(([field, findings]) => [field ?? 'non_field_errors', findings.map((finding) => say(finding).message)]))
}

export function sendError (error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = toProblem(error, request)
  head(reply, problem)
  if (problem.current !== undefined) tell(problem.current as Account, request, reply)
  if (STATUS[problem.code] === 401) reply.header('www-authenticate', 'Token')
  reply.send(toDetail(problem, request.body))
}

/** With a failed precondition goes the ETag of the account as it is. */
function tell (current: Account, { server }: FastifyRequest, reply: FastifyReply): void {
  const user = toUser(current, server.core.presence.isOnline(current), server.media.url)
  reply.header('etag', reply.etagOf(current.version, reply.serializeInput(user, '200') as string))
}
