import type { ErrorCode, FieldErrorCode, Params } from '../src/core/errors.ts'

interface Message {
  /** The code that clients of the originals know. */
  code: string
  text: (params: Params) => string
}

const MEGA = 1_000_000
/** To the pixel: one too many must not read like the limit. */
const megapixels = (pixels: string | number | undefined) => `${Number(pixels) / MEGA} megapixels`
/** The originals name types in the words of their language, and clients show the sentence. */
const PYTHON: Record<string, string> = { null: 'NoneType', array: 'list', object: 'dict', string: 'str', boolean: 'bool', integer: 'int', number: 'float' }
const NOT_AN_IMAGE = 'Upload a valid image. The file you uploaded was either not an image or a corrupted image.'
const ACCEPTED = 'Use JPEG, PNG, WebP, GIF or AVIF.'

/** `kind`: the picture at fault. `found`: all there is; `least`: what had come when it was too much. `avatar`, `cover`: what each may have. */
function tooLarge ({ kind = 'request', max, unit = 'bytes', found, least, avatar, cover }: Params): string {
  if (max === undefined) return 'The request is too large.'
  const size = found === undefined ? least === undefined ? '' : ` (it has at least ${least})` : ` (it has ${found})`
  const pictures = Object.entries({ avatar, cover }).filter(([, most]) => most !== undefined).map(([name, most]) => ` The ${name} may have ${most} bytes.`)
  return `The ${kind} is too large: at most ${max} ${unit}${size}.${pictures.join('')}`
}

/** What is said about one value: CONTRACT §1.2, and beyond it what the originals have no words for. */
export const FIELD_MESSAGES: Record<FieldErrorCode, Message> = {
  required: { code: 'required', text: () => 'This field is required.' },
  null: { code: 'null', text: () => 'This field may not be null.' },
  blank: { code: 'blank', text: () => 'This field may not be blank.' },
  not_a_string: { code: 'invalid', text: () => 'Not a valid string.' },
  null_characters: { code: 'null_characters_not_allowed', text: () => 'Null characters are not allowed.' },
  max_length: { code: 'max_length', text: ({ limit }) => `Ensure this field has no more than ${limit} characters.` },
  min_length: { code: 'min_length', text: ({ limit }) => `Ensure this field has at least ${limit} characters.` },
  invalid_email: { code: 'invalid', text: () => 'Enter a valid email address.' },
  invalid_url: { code: 'invalid', text: () => 'Enter a valid URL.' },
  invalid_username: { code: 'invalid', text: () => 'Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.' },
  invalid_value: { code: 'invalid', text: () => 'Enter a valid value.' },
  invalid_boolean: { code: 'invalid', text: () => 'Must be a valid boolean.' },
  invalid_choice: { code: 'invalid_choice', text: ({ value }) => `"${value}" is not a valid choice.` },
  invalid_language: { code: 'invalid', text: () => 'Enter a valid language tag, such as en or de-AT.' },
  invalid_date: { code: 'invalid', text: () => 'Date has wrong format. Use one of these formats instead: YYYY-MM-DD.' },
  invalid_integer: { code: 'invalid', text: () => 'A valid integer is required.' },
  min_value: { code: 'min_value', text: ({ limit }) => `Ensure this value is greater than or equal to ${limit}.` },
  max_value: { code: 'max_value', text: ({ limit }) => `Ensure this value is less than or equal to ${limit}.` },
  username_taken: { code: 'unique', text: () => 'A user with that username already exists.' },
  email_taken: { code: 'unique', text: () => 'user with this email already exists.' },
  ext_id_taken: { code: 'unique', text: () => 'user with this ext_id already exists.' },
  email_unchanged: { code: 'invalid', text: () => 'This is the current email address.' },
  group_taken: { code: 'unique', text: () => 'group with this name already exists.' },
  tag_taken: { code: 'unique', text: () => 'tag with this type and name already exists.' },
  tag_type: { code: 'invalid', text: () => 'Only a tag of the type user can be given to people.' },
  does_not_exist: { code: 'does_not_exist', text: ({ id }) => `Invalid pk "${id}" - object does not exist.` },
  incorrect_type: { code: 'incorrect_type', text: ({ type }) => `Incorrect type. Expected pk value, received ${PYTHON[String(type)]}.` },
  not_a_list: { code: 'not_a_list', text: ({ type }) => `Expected a list of items but got type "${PYTHON[String(type)]}".` },
  not_a_file: { code: 'invalid', text: () => 'The submitted data was not a file. Check the encoding type on the form.' },
  repeated_file: { code: 'invalid', text: ({ found }) => `Only one file may be submitted (there are ${found}).` },
  empty_file: { code: 'empty', text: () => 'The submitted file is empty.' },
  no_file: { code: 'required', text: () => 'No file was submitted.' },
  no_picture: { code: 'invalid', text: () => 'There is no picture that this could describe.' },
  invalid_image: { code: 'invalid_image', text: () => NOT_AN_IMAGE },
  unsupported_image: { code: 'invalid_image', text: ({ format }) => `Upload a valid image. ${format} is not supported. ${ACCEPTED}` },
  image_pixels: { code: 'invalid_image', text: ({ max, found }) => `Ensure this image has no more than ${megapixels(max)} (it has ${megapixels(found)}).` },
  image_side: { code: 'invalid_image', text: ({ max, found }) => `Ensure no side of this image is longer than ${max} pixels (one is ${found}).` },
  image_pages: { code: 'invalid_image', text: ({ max, found }) => `Ensure this image has no more than ${max} frames (it has ${found}).` },
  image_crop: { code: 'invalid', text: ({ asked, width, height }) => `Ensure this part (${asked}) lies within the image, which is ${width} × ${height} pixels.` },
  image_lost: { code: 'invalid', text: () => 'The image that is stored cannot be read any more. Upload it again.' },
  too_many_avatars: { code: 'invalid', text: ({ limit, found }) => `No more than ${limit} avatars are kept (there are ${found}). Remove one first.` },
  last_admin: { code: 'invalid', text: () => 'This is the last active admin. Make somebody else an admin first.' },
  password_common: { code: 'password_too_common', text: () => 'This password is too common.' },
  password_similar: { code: 'password_too_similar', text: () => 'The password is too similar to the username or the email address.' },
  password_wrong: { code: 'invalid', text: () => 'Invalid password.' },
  passwords_differ: { code: 'invalid', text: () => "The two password fields didn't match." },
  password_hash_unknown: { code: 'invalid', text: () => 'Use an argon2, bcrypt, scrypt or pbkdf2_sha256 hash.' },
  code_invalid: { code: 'invalid', text: () => 'Invalid code.' },
  code_confirms_only: { code: 'invalid', text: () => 'The address was changed less than 24 hours ago: for now its code confirms it, but does not sign in.' },
  second_factor_required: { code: 'required', text: () => 'A code of the second factor is required.' },
  second_factor_invalid: { code: 'invalid', text: () => 'Invalid code.' },
  invalid_key: { code: 'invalid', text: () => 'Use small letters, digits and underscores, a letter first, at most 50 characters.' },
  key_reserved: { code: 'invalid', text: () => 'A built-in field has this name.' },
  key_taken: { code: 'unique', text: () => 'field with this key already exists.' },
  key_in_removal: { code: 'unique', text: () => 'The values of an earlier field with this key are still being removed.' },
  too_many_fields: { code: 'invalid', text: ({ limit }) => `There are ${limit} fields, which is as many as there can be.` },
  options_unexpected: { code: 'invalid', text: () => 'Only a field of the type enum has options.' },
  too_many_options: { code: 'max_length', text: ({ limit }) => `Ensure this field has no more than ${limit} elements.` },
  repeated_option: { code: 'invalid', text: ({ value }) => `"${value}" is there twice.` },
  accounts_break: { code: 'invalid', text: ({ count }) => `${count} ${count === 1 ? 'account' : 'accounts'} would no longer fit. Force it to keep what is stored; what is of another type then shows as empty.` },
  exactly_one: { code: 'invalid', text: ({ of }) => `Send exactly one of ${of}.` },
  not_an_object: { code: 'invalid', text: ({ type }) => `Invalid data. Expected a dictionary, but got ${PYTHON[String(type)]}.` },
  unknown_field: { code: 'unknown_field', text: ({ nearest }) => nearest === undefined ? 'There is no such field.' : `There is no such field. Did you mean ${nearest}?` },
  invalid_cursor: { code: 'invalid', text: () => 'This is no cursor of this list. Begin again without one.' },
  field_forbidden: { code: 'field_forbidden', text: () => 'You may not change this field.' },
  no_data: { code: 'null', text: () => 'No data provided' },
}

/** What is said about a request as a whole: CONTRACT §1.1. Families whose original says it otherwise say so in their errors.ts. */
export const MESSAGES: Record<ErrorCode, (params: Params) => string> = {
  invalid: () => 'Invalid input.',
  parse_error: ({ reason, of = 'HTTP' }) => `${of} parse error - ${reason}`,
  not_authenticated: () => 'Authentication credentials were not provided.',
  header_empty: () => 'Invalid token header. No credentials provided.',
  header_spaces: () => 'Invalid token header. Token string should not contain spaces.',
  token_invalid: () => 'Invalid token.',
  token_wrong_type: () => 'Invalid token.',
  account_unknown: () => 'Invalid token.',
  account_inactive: () => 'User inactive or deleted.',
  bad_credentials: () => 'No active account found with the given credentials',
  second_factor_required: () => 'A code of the second factor is required.',
  permission_denied: () => 'You do not have permission to perform this action.',
  proof_required: () => 'Prove once more who you are, and repeat the request.',
  already_deleted: () => 'The user has already been soft deleted',
  not_found: () => 'Not found.',
  method_not_allowed: ({ method }) => `Method "${method}" not allowed.`,
  request_timeout: () => 'The request took too long to arrive.',
  precondition_failed: () => 'The account has changed since. Read it again and repeat the request.',
  failed_dependency: () => 'Nothing was stored, because another item of the batch was refused.',
  too_large: tooLarge,
  unsupported_media_type: ({ type }) => `Unsupported media type "${type}" in request.`,
  throttled: ({ wait }) => `Request was throttled. Expected available in ${wait} ${wait === 1 ? 'second' : 'seconds'}.`,
  internal: () => 'A server error occurred.',
  unavailable: () => 'The service is busy. Try again in a moment.',
  insufficient_storage: () => 'The service has no space left to store this.',
}

/** The statuses on which all three originals agree. */
export const STATUS: Record<ErrorCode, number> = {
  invalid: 400,
  parse_error: 400,
  not_authenticated: 401,
  header_empty: 401,
  header_spaces: 401,
  token_invalid: 401,
  token_wrong_type: 401,
  account_unknown: 401,
  account_inactive: 401,
  bad_credentials: 401,
  second_factor_required: 401,
  permission_denied: 403,
  proof_required: 403,
  already_deleted: 400,
  not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  precondition_failed: 412,
  failed_dependency: 424,
  too_large: 413,
  unsupported_media_type: 415,
  throttled: 429,
  internal: 500,
  unavailable: 503,
  insufficient_storage: 507,
}
