import { keyOf } from '../../src/core/fields/attributes.ts'
import type { AppError, ErrorCode, FieldError, FieldErrorCode } from '../../src/core/errors.ts'
import { MESSAGES } from '../messages.ts'
import type { Names } from '../names.ts'
import { byWireName, say } from '../problem.ts'
import type { Voice } from '../problem.ts'
import { NAMES, UserSchema } from './schemas.ts'
import { userFor } from './shown.ts'

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
  second_factor_required: 'authentication_failed',
  permission_denied: 'permission_denied',
  proof_required: 'permission_denied',
  already_deleted: 'invalid',
  not_found: 'not_found',
  method_not_allowed: 'method_not_allowed',
  request_timeout: 'request_timeout',
  precondition_failed: 'precondition_failed',
  failed_dependency: 'failed_dependency',
  too_large: 'too_large',
  unsupported_media_type: 'unsupported_media_type',
  throttled: 'throttled',
  internal: 'error',
  unavailable: 'unavailable',
  insufficient_storage: 'insufficient_storage',
}

/** Where its texts go by the field: it has one word for all that can be wrong there (CONTRACT §2.5). */
const ONLY_INVALID: Partial<Record<string, readonly FieldErrorCode[]>> = {
  new_email: ['email_taken'],
  new_password: ['max_length', 'password_common', 'password_similar'],
}

/** `{"errors":[…]}`, the one shape that the vendor's client can read. */
export function toErrors (problem: AppError, names: Names, body: unknown) {
  if (problem.fields.length === 0) return { errors: [{ code: CODES[problem.code], message: MESSAGES[problem.code](problem.params) }] }
  return {
    errors: byWireName(problem, names, body).flatMap<object>(([name, findings]) => {
      if (name === null) return findings.map((finding) => ({ ...say(finding), ...numbersOf(finding) }))
      // Here a declared field goes by its key, as if it were a standard one.
      const field = keyOf(name) ?? name
      return [{ field, messages: findings.map((finding) => sayOf(field, finding)) }]
    }),
  }
}

function sayOf (field: string, finding: FieldError): { code: string, message: string } {
  return { ...say(finding.code === 'invalid_username' ? { ...finding, code: 'invalid_value' } : finding), ...ONLY_INVALID[field]?.includes(finding.code) && { code: 'invalid' }, ...numbersOf(finding) }
}

/** Where a limit was passed: that, and what there is, which the original's sentences do not all say. Its client reads past them. */
function numbersOf ({ params = {} }: FieldError): object {
  const { limit = params.max, found } = params
  return limit === undefined || found === undefined ? {} : { limit, found }
}

export const voice: Voice = {
  challenge: 'Bearer realm="api"',
  names: NAMES,
  toBody: toErrors,
  represent: { schema: UserSchema, show: (account, request) => userFor(request, account) },
}
