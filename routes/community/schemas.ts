import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { choice, clearable, date, nullable, partial, password, picture, requiring, text } from '../shapes.ts'

/** The wire's words for what an account holds, in the order of the body. */
export const NAMES = {
  username: 'username',
  real_name: 'realName',
  avatar: 'avatar',
  avatar_base64: 'avatar',
  cover: 'cover',
  bio: 'bio',
  location: 'location',
  location_lat_lng: 'locationLatLng',
  position_lat_lng: 'positionLatLng',
  date_of_birth: 'dateOfBirth',
  description: 'description',
  gender: 'gender',
  website: 'website',
  company_name: 'companyName',
  company_role: 'companyRole',
} as const

const fields = {
  username: text('username', { required: true, pattern: '^[a-zA-Z0-9_-]+$' }),
  real_name: clearable('realName'),
  avatar: picture('avatar', { blankClears: true }),
  avatar_base64: picture('avatar', { blankClears: true, base64: true }),
  cover: picture('cover', { blankClears: true }),
  bio: clearable('bio'),
  location: clearable('location'),
  location_lat_lng: clearable('locationLatLng', { format: 'latlng' }),
  position_lat_lng: clearable('positionLatLng', { format: 'latlng' }),
  date_of_birth: date(),
  description: clearable('description'),
  gender: choice('Male', 'Female', 'Unspecified', null),
  website: clearable('website', { format: 'uri' }),
  company_name: clearable('companyName'),
  company_role: clearable('companyRole'),
}

export const PatchSchema = partial(fields)
export const PutSchema = requiring('username', fields)
export type UserBody = Static<typeof PatchSchema>

export const email = () => text('email', { required: true, format: 'email' })

/** Pictures come later, by an update. */
export const CreateSchema = Type.Object({
  ...Type.Omit(PatchSchema, ['avatar', 'avatar_base64', 'cover']).properties,
  username: fields.username,
  email: email(),
  password: password(),
})
export const CREATE_NAMES = { ...NAMES, email: 'email', password: 'password' }

const user = {
  id: Type.Integer(),
  username: Type.String(),
  real_name: Type.String(),
  avatar: nullable.string(),
  cover: nullable.string(),
  ext_id: nullable.string(),
  email: nullable.string(),
  email_isvalid: nullable.boolean(),
  bio: Type.String(),
  location: Type.String(),
  location_lat_lng: Type.String(),
  position_lat_lng: Type.String(),
  date_of_birth: nullable.string(),
  description: Type.String(),
  gender: choice('Male', 'Female', 'Unspecified'),
  website: Type.String(),
  language: Type.String(),
  company_name: Type.String(),
  company_role: Type.String(),
  tags: Type.Array(Type.Object({})),
  date_joined: Type.String(),
  status: choice('a', 'b'),
  deleted: Type.Boolean(),
  followings_counter: Type.Integer(),
  followers_counter: Type.Integer(),
  posts_counter: Type.Integer(),
  discussions_counter: Type.Integer(),
  statuses_counter: Type.Integer(),
  polls_counter: Type.Integer(),
  categories_counter: Type.Integer(),
  connection_status: nullable.string(),
  reputation: Type.Integer(),
  community_badge: Type.Boolean(),
  reg_approved: Type.Boolean(),
  can_send_pm_to: nullable.boolean(),
}

export const UserSchema = Type.Object(user, { title: 'CommunityUser' })
export type User = Static<typeof UserSchema>

const PERMISSIONS = [
  'create_contribute', 'create_poll', 'locate_post', 'create_post', 'create_group', 'create_event', 'create_course',
  'create_live_stream', 'follow_user', 'request_connection', 'accept_connection',
] as const

/** Nothing social is served here, so nothing of it is permitted. */
export const NO_PERMISSIONS = Object.fromEntries(PERMISSIONS.map((name) => [name, false]))

export const MeSchema = Type.Object({
  ...user,
  role: choice('admin', 'moderator', 'editor', null),
  permission: Type.Object(Object.fromEntries(PERMISSIONS.map((name) => [name, Type.Boolean()]))),
  unseen_interactions_counter: Type.Integer(),
  unseen_notification_banners_counter: Type.Integer(),
}, { title: 'CommunityMe' })
export type Me = Static<typeof MeSchema>

export const ErrorsSchema = Type.Object({
  errors: Type.Array(Type.Object({
    field: Type.Optional(Type.String()),
    messages: Type.Optional(Type.Array(Type.Object({ code: Type.String(), message: Type.String() }))),
    code: Type.Optional(Type.String()),
    message: Type.Optional(Type.String()),
  })),
}, { title: 'CommunityErrors' })
export const problems = { '4xx': ErrorsSchema, '5xx': ErrorsSchema }
