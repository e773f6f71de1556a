import type { Account } from '../db/index.ts'

/** What can go wrong with a request as a whole, in the core's own words. Each family answers every one of them. */
export type ErrorCode =
  | 'invalid'
  | 'parse_error'
  | 'not_authenticated'
  | 'header_empty'
  | 'header_spaces'
  | 'token_invalid'
  | 'token_wrong_type'
  | 'account_unknown'
  | 'account_inactive'
  | 'bad_credentials'
  | 'second_factor_required'
  | 'permission_denied'
  | 'proof_required'
  | 'already_deleted'
  | 'not_found'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'precondition_failed'
  | 'failed_dependency'
  | 'too_large'
  | 'unsupported_media_type'
  | 'throttled'
  | 'internal'
  | 'unavailable'
  | 'insufficient_storage'

/** What can be wrong with one value, or (field null) with the body as a whole. */
export type FieldErrorCode =
  | 'required'
  | 'null'
  | 'blank'
  | 'not_a_string'
  | 'null_characters'
  | 'max_length'
  | 'min_length'
  | 'invalid_email'
  | 'invalid_url'
  | 'invalid_username'
  | 'invalid_value'
  | 'invalid_boolean'
  | 'invalid_choice'
  | 'invalid_language'
  | 'invalid_date'
  | 'invalid_integer'
  | 'min_value'
  | 'max_value'
  | 'username_taken'
  | 'email_taken'
  | 'ext_id_taken'
  | 'email_unchanged'
  | 'group_taken'
  | 'tag_taken'
  | 'tag_type'
  | 'does_not_exist'
  | 'incorrect_type'
  | 'not_a_list'
  | 'not_a_file'
  | 'repeated_file'
  | 'empty_file'
  | 'no_file'
  | 'no_picture'
  | 'invalid_image'
  | 'unsupported_image'
  | 'image_pixels'
  | 'image_side'
  | 'image_pages'
  | 'image_crop'
  | 'image_lost'
  | 'too_many_avatars'
  | 'last_admin'
  | 'password_common'
  | 'password_similar'
  | 'password_wrong'
  | 'passwords_differ'
  | 'password_hash_unknown'
  | 'code_invalid'
  | 'code_confirms_only'
  | 'second_factor_required'
  | 'second_factor_invalid'
  | 'invalid_key'
  | 'key_reserved'
  | 'key_taken'
  | 'key_in_removal'
  | 'too_many_fields'
  | 'options_unexpected'
  | 'too_many_options'
  | 'repeated_option'
  | 'accounts_break'
  | 'exactly_one'
  | 'not_an_object'
  | 'no_data'
  | 'unknown_field'
  | 'invalid_cursor'
  | 'field_forbidden'

export type Params = Record<string, string | number>

/** One finding. `field` is a word of the core; a family renames it on the way out. */
export interface FieldError {
  field: string | null
  code: FieldErrorCode
  params?: Params
}

interface Details {
  fields?: FieldError[]
  params?: Params
  /** The account as it is now, told with `precondition_failed` so that the answer can carry its ETag. */
  current?: Account
  cause?: unknown
}

/** The only error that is told to a client. `message` is for the log; the family finds the words. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly fields: FieldError[]
  readonly params: Params
  readonly current: Account | undefined

  constructor (code: ErrorCode, details: Details = {}) {
    super(code, details.cause === undefined ? {} : { cause: details.cause })
    this.code = code
    this.fields = details.fields ?? []
    this.params = details.params ?? {}
    this.current = details.current
  }
}

/** Throws all findings of a request at once; none, and it returns. One that is about rights makes it `permission_denied`. */
export function refuse (fields: readonly FieldError[]): void {
  const isForbidden = fields.some(({ code }) => code === 'field_forbidden')
  if (fields.length > 0) throw new AppError(isForbidden ? 'permission_denied' : 'invalid', { fields: [...fields] })
}
