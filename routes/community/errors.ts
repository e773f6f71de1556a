import { viewFor } from '../../src/core/access.ts'
import type { AppError, ErrorCode } from '../../src/core/errors.ts'
import { MESSAGES } from '../messages.ts'
import { byWireName, createErrorHandler, say } from '../problem.ts'
import { toUser } from './convert.ts'
import { NAMES } from './schemas.ts'

/** The codes that the vendor's client knows or passes on (CONTRACT §2.5). */
const CODES: Record<ErrorCode, string> = {
  invalid: 'invalid',
  parse_error: 'parse_error',
  not_authenticated: 'not_authenticated',
  header_empty: 'authentication_failed',
  header_spaces: 'authentication_failed',
  token_invalid: 'authentication_failed',
  token_wrong_type: 'authentication_failed',
  account_unknown: 'authentication_failed',
  account_inactive: 'authentication_failed',
  bad_credentials: 'authentication_failed',
  permission_denied: 'permission_denied',
  already_deleted: 'invalid',
  not_found: 'not_found',
  method_not_allowed: 'method_not_allowed',
  request_timeout: 'request_timeout',
  precondition_failed: 'precondition_failed',
  too_large: 'too_large',
  unsupported_media_type: 'unsupported_media_type',
  throttled: 'throttled',
  internal: 'error',
  unavailable: 'unavailable',
  insufficient_storage: 'insufficient_storage',
}

/** `{"errors":[…]}`, the one shape that the vendor's client can read. */
function toErrors (problem: AppError, body: unknown) {
  if (problem.fields.length === 0) return { errors: [{ code: CODES[problem.code], message: MESSAGES[problem.code](problem.params) }] }
  return {
    errors: byWireName(problem, NAMES, body).flatMap<object>(([field, findings]) =>
      field === null ? findings.map(say) : [{ field, messages: findings.map(say) }]),
  }
}

export const sendError = createErrorHandler({
  challenge: 'Bearer realm="api"',
  toBody: toErrors,
  represent: (account, { actor, server }) => toUser(viewFor(actor, account), server.media.url),
})
