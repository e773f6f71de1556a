import type { FieldErrorCode, Params } from '../../../src/core/errors.ts'
import { FIELD_MESSAGES, MESSAGES } from '../../messages.ts'
import type { Catalogue } from './catalogue.ts'

const common = Object.fromEntries(Object.entries(FIELD_MESSAGES).map(([code, { text }]) => [code, text])) as Record<FieldErrorCode, (params: Params) => string>

export const en: Catalogue = {
  titles: {
    invalid: 'Invalid input',
    parse_error: 'The body cannot be read',
    not_authenticated: 'Sign in first',
    header_empty: 'No credentials in the header',
    header_spaces: 'Malformed Authorization header',
    token_invalid: 'The token does not count',
    token_wrong_type: 'The token is of another kind',
    account_unknown: 'No such account',
    account_inactive: 'The account is not active',
    bad_credentials: 'Wrong name or password',
    permission_denied: 'Not allowed',
    already_deleted: 'Deleted already',
    not_found: 'Not found',
    method_not_allowed: 'Method not allowed',
    request_timeout: 'Too slow',
    precondition_failed: 'Changed meanwhile',
    failed_dependency: 'Another item was refused',
    too_large: 'Too large',
    unsupported_media_type: 'Unsupported media type',
    second_factor_required: 'A second factor is needed',
    proof_required: 'Prove who you are once more',
    throttled: 'Too many requests',
    internal: 'Internal error',
    unavailable: 'Busy',
    insufficient_storage: 'No space left',
  },
  details: MESSAGES,
  // Without what the originals of the other families say in the words of their language.
  fields: {
    ...common,
    username_taken: () => 'Somebody has this username.',
    email_taken: () => 'Somebody has this email address.',
    ext_id_taken: () => 'Somebody has this extId.',
    group_taken: () => 'There is a group with this name.',
    tag_taken: () => 'There is a tag with this type and name.',
    key_taken: () => 'There is a field with this key.',
    does_not_exist: ({ id }) => `There is nothing with the id ${id}.`,
    incorrect_type: ({ type }) => `Send an id, not a value of the type ${type}.`,
    not_a_list: ({ type }) => `Send a list, not a value of the type ${type}.`,
    not_an_object: ({ type }) => `Send an object, not a value of the type ${type}.`,
    no_data: () => 'Send a body.',
  },
}
