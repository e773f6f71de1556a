import { Type } from '@sinclair/typebox'
import { PageQuery } from '../pages.ts'

const asked = (description: string) => Type.Optional(Type.String({ description }))
const flag = (description: string) => asked(`\`true\` or \`false\`: ${description}`)
const days = (prefix: string, what: string) => ({
  [`${prefix}_date`]: asked(`${what} on this day (YYYY-MM-DD, in UTC)`),
  [`${prefix}_from`]: asked(`${what} on this day or later`),
  [`${prefix}_to`]: asked(`${what} on this day or earlier`),
})
export const ListQuery = Type.Object({
  ...PageQuery.properties,
  search: asked('words that the id, the username, a name, the address, the number or a searchable field contains'),
  ordering: asked('`id`, `username`, `email`, `created_at`, `updated_at`, `gender`, `last_login`; a minus in front turns it round'),
  is_admin: flag('admins'),
  is_staff: flag('staff'),
  is_customer: flag('neither staff nor admins'),
  is_active: flag('who may sign in'),
  is_online: flag('who was here in the last five minutes'),
  gender: asked('`male`, `female`, `non-binary` or `unspecified`'),
  has_email: flag('with an e-mail address'),
  has_avatar: flag('with an avatar'),
  has_phone: flag('with a number'),
  has_token: flag('with a token that counts'),
  has_first_name: flag('with a first name'),
  has_last_name: flag('with a last name'),
  has_groups: flag('in any group'),
  group_id: asked('in this group'),
  groups_in: asked('in one of these groups: ids with commas between them'),
  id_min: asked('the least id'),
  id_max: asked('the greatest id'),
  ...days('created', 'made'),
  ...days('updated', 'edited last'),
  ...days('last_login', 'signed in last'),
})

/** What groups are ordered by; the original has called one of them by two names. */
export const GROUP_ORDER = { id: 'id', name: 'name', _users_count: 'usersCount', users_count: 'usersCount', created_at: 'createdAt', updated_at: 'updatedAt' } as const

const numbers = (least: string, most: string, what: string) => ({ [least]: asked(`${what}, at least`), [most]: asked(`${what}, at most`) })
export const GroupQuery = Type.Object({
  ...PageQuery.properties,
  search: asked('what the name or the notes contain'),
  ordering: asked(`names with commas between, \`-\` for descending: ${Object.keys(GROUP_ORDER).join(', ')}`),
  ...numbers('id_min', 'id_max', 'id'),
  ...numbers('min_users', 'max_users', 'how many people are in it'),
  ...numbers('users_count_min', 'users_count_max', 'the same'),
  ...days('created', 'made'),
  ...days('updated', 'edited last'),
})
