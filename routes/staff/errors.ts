import type { AppError } from '../../src/core/errors.ts'
import { MESSAGES } from '../messages.ts'
import { createErrorHandler, messagesByField } from '../problem.ts'
import { toUser } from './convert.ts'
import { NAMES } from './schemas.ts'

/** `{"<field>":["…"]}` for findings, `{"detail":"…"}` for everything else. */
function toBody (problem: AppError, body: unknown): object {
  return problem.fields.length > 0 ? messagesByField(problem, NAMES, body) : { detail: MESSAGES[problem.code](problem.params) }
}

export const sendError = createErrorHandler({
  challenge: 'Token',
  toBody,
  represent: (account, { server }) => toUser(account, server.core.presence.isOnline(account), server.media.url),
})
