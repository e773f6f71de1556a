import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { GROUP_NAME_MAX, GROUP_NOTES_MAX } from '../../src/core/fields/index.ts'
import { avatarCuts, CUT_NAMES } from '../cuts.ts'
import { ImagesSchema } from '../images.ts'
import { attributes, choice, clearable, count, exampleOf, ids, nullable, partial, password, picture, requiring, text, withExample } from '../shapes.ts'

/** The wire's words for what an account holds, in the order of the body. */
export const NAMES = {
  username: 'username',
  mobile_number: 'phone',
  email: 'email',
  first_name: 'firstName',
  last_name: 'lastName',
  gender: 'gender',
  avatar: 'avatar',
  avatar_focus: CUT_NAMES.avatar_focus,
  avatar_crop: CUT_NAMES.avatar_crop,
  is_staff: 'isStaff',
  is_admin: 'isAdmin',
  is_active: 'isActive',
  groups: 'groups',
  ext_id: 'extId',
  reg_approved: 'regApproved',
  community_badge: 'communityBadge',
  can_send_pm_to: 'canReceiveMessages',
  reputation: 'reputation',
  followings_counter: 'followings',
  followers_counter: 'followers',
  posts_counter: 'posts',
  discussions_counter: 'discussions',
  statuses_counter: 'statuses',
  polls_counter: 'polls',
  categories_counter: 'categories',
  unseen_interactions_counter: 'unseenInteractions',
  unseen_notification_banners_counter: 'unseenBanners',
  attributes: 'attributes',
} as const

const NAME_MAX = 150

const fields = {
  username: withExample(text('username', { max: NAME_MAX, required: true, format: 'username' }), 'grace'),
  mobile_number: withExample(clearable('phone'), '+1-555-0157'),
  email: withExample(clearable('email', { format: 'email' }), 'grace@example.com'),
  first_name: withExample(text('firstName', { max: NAME_MAX }), 'Grace'),
  last_name: withExample(text('lastName', { max: NAME_MAX }), 'Hopper'),
  gender: withExample(choice('male', 'female', 'non-binary', '', null), 'female'),
  avatar: picture('avatar'),
  ...avatarCuts,
  is_staff: Type.Boolean(),
  is_admin: Type.Boolean(),
  is_active: Type.Boolean(),
  groups: ids(),
  // What another system owns, under its community names: for admins, on that system's behalf.
  ext_id: clearable('extId'),
  reg_approved: Type.Boolean(),
  community_badge: Type.Boolean(),
  can_send_pm_to: Type.Boolean(),
  reputation: count(),
  followings_counter: count(),
  followers_counter: count(),
  posts_counter: count(),
  discussions_counter: count(),
  statuses_counter: count(),
  polls_counter: count(),
  categories_counter: count(),
  unseen_interactions_counter: count(),
  unseen_notification_banners_counter: count(),
}

/** What an update is shown with: nothing that others know somebody by. */
const SHOWN = ['mobile_number', 'first_name', 'last_name', 'gender'] as const
const toPatch = exampleOf(fields, ...SHOWN)
const toPut = exampleOf(fields, 'username', ...SHOWN)

export const PatchSchema = partial({ ...fields, attributes: attributes('written') }, { title: 'StaffUserPatch', ...toPatch })
export const PutSchema = requiring('username', { ...fields, attributes: attributes('written') }, { title: 'StaffUserPut', ...toPut })
export type UserBody = Static<typeof PatchSchema>

export const CREATE_NAMES = { ...NAMES, password: 'password' }
export const CreateSchema = requiring('username', { ...fields, attributes: attributes('given'), password: password() }, { title: 'StaffUserCreate' })

/** What people may change of themselves: no roles, no groups, nothing of another system. */
const { username: name, mobile_number, email: address, first_name, last_name, gender, avatar, avatar_focus, avatar_crop } = fields
const own = { username: name, mobile_number, email: address, first_name, last_name, gender, avatar, avatar_focus, avatar_crop, attributes: attributes('written') }
export const ME_NAMES = Object.fromEntries(Object.entries(NAMES).filter(([wire]) => wire in own))
export const MePatchSchema = partial(own, { title: 'StaffMePatch', ...toPatch })
export const MePutSchema = requiring('username', own, { title: 'StaffMePut', ...toPut })
export type MeBody = Static<typeof MePatchSchema>

export const username = () => fields.username
export const email = () => withExample(text('email', { required: true, format: 'email' }), 'grace@example.com')
export const TokenSchema = Type.Object({ token: Type.String() }, { title: 'StaffToken', description: 'The token of a new session.' })

export const UserSchema = Type.Object({
  id: Type.Integer(),
  username: Type.String(),
  mobile_number: nullable.string(),
  email: nullable.string(),
  first_name: Type.String(),
  last_name: Type.String(),
  full_name: Type.String(),
  gender: choice('male', 'female', 'non-binary', null),
  avatar: nullable.string(),
  is_staff: Type.Boolean(),
  is_admin: Type.Boolean(),
  is_active: Type.Boolean(),
  last_login: nullable.string(),
  created_at: Type.String(),
  updated_at: Type.String(),
  is_online: Type.Boolean(),
  groups_data: Type.Array(Type.Object({ id: Type.Integer(), name: Type.String() }, { title: 'StaffGroupName' })),
  images: ImagesSchema,
  attributes: attributes('shown'),
}, { title: 'StaffUser', description: 'The user.' })
export type User = Static<typeof UserSchema>

export const MeSchema = Type.Object({
  id: Type.Integer(),
  username: Type.String(),
  mobile_number: nullable.string(),
  email: nullable.string(),
  avatar: nullable.string(),
  first_name: Type.String(),
  last_name: Type.String(),
  full_name: Type.String(),
  gender: choice('male', 'female', 'non-binary', null),
  groups: Type.Array(Type.Integer()),
  last_login: nullable.string(),
  created_at: Type.String(),
  attributes: attributes('shown'),
}, { title: 'StaffMe', description: 'Oneself.' })
export type Me = Static<typeof MeSchema>

export const GROUP_NAMES = { name: 'name', notes: 'notes' } as const
const group = {
  name: withExample(Type.String({ minLength: 1, maxLength: GROUP_NAME_MAX, format: 'text' }), 'Editors'),
  notes: withExample(Type.String({ maxLength: GROUP_NOTES_MAX, format: 'lines' }), 'They write and correct.'),
}
export const GroupBodySchema = Type.Object({ ...group, notes: Type.Optional(group.notes) }, { title: 'StaffGroupPut' })
export const GroupPatchSchema = partial(group, { title: 'StaffGroupPatch', ...exampleOf(group, 'notes') })

export const GroupSchema = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  notes: Type.String(),
  users_count: Type.Integer(),
  created_at: Type.String(),
  updated_at: Type.String(),
}, { title: 'StaffGroup', description: 'The group.' })
export type Group = Static<typeof GroupSchema>

const DetailSchema = Type.Object({ detail: Type.Optional(Type.String()) }, { title: 'StaffProblem', additionalProperties: Type.Array(Type.String()) })
export const problems = { '4xx': DetailSchema, '5xx': DetailSchema }
