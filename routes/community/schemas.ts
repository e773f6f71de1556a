import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { CUT_NAMES, cuts } from '../cuts.ts'
import { PageQuery } from '../pages.ts'
import { choice, clearable, date, declared, exampleOf, nullable, partial, password, picture, requiring, text, withExample } from '../shapes.ts'
import { TagSchema } from './tag-schemas.ts'

/** The wire's words for what an account holds, in the order of the body. */
export const NAMES = {
  username: 'username',
  real_name: 'realName',
  avatar: 'avatar',
  avatar_base64: 'avatar',
  cover: 'cover',
  ...CUT_NAMES,
  bio: 'bio',
  location: 'location',
  location_lat_lng: 'locationLatLng',
  position_lat_lng: 'positionLatLng',
  date_of_birth: 'dateOfBirth',
  description: 'description',
  gender: 'gender',
  website: 'website',
} as const

const fields = {
  username: withExample(text('username', { required: true, pattern: '^[a-zA-Z0-9_-]+$' }), 'ada'),
  real_name: withExample(clearable('realName'), 'Ada Lovelace'),
  avatar: picture('avatar', { blankClears: true }),
  avatar_base64: picture('avatar', { blankClears: true, base64: true }),
  cover: picture('cover', { blankClears: true }),
  ...cuts,
  bio: withExample(clearable('bio'), 'Wrote the first program.'),
  location: withExample(clearable('location'), 'London'),
  location_lat_lng: withExample(clearable('locationLatLng', { format: 'latlng' }), '51.5074,-0.1278'),
  position_lat_lng: withExample(clearable('positionLatLng', { format: 'latlng' }), '51.5074,-0.1278'),
  date_of_birth: withExample(date(), '1815-12-10'),
  description: withExample(clearable('description'), 'Mathematician'),
  gender: withExample(choice('Male', 'Female', 'Unspecified', null), 'Female'),
  website: withExample(clearable('website', { format: 'uri' }), 'https://example.com/ada'),
}
/** What an update is shown with: nothing that others know somebody by. */
const SHOWN = ['real_name', 'bio', 'location', 'gender', 'website'] as const

export const PatchSchema = partial(fields, { title: 'CommunityUserPatch', ...exampleOf(fields, ...SHOWN), ...declared('written') })
export const PutSchema = requiring('username', fields, { title: 'CommunityUserPut', ...exampleOf(fields, 'username', ...SHOWN), ...declared('written') })
export type UserBody = Static<typeof PatchSchema>

export const email = (example = 'ada@example.com') => withExample(text('email', { required: true, format: 'email' }), example)

const needed = { username: fields.username, email: email(), password: password() }
/** Pictures come later, by an update. */
export const CreateSchema = Type.Object({
  ...Type.Omit(PatchSchema, ['avatar', 'avatar_base64', 'cover', 'avatar_focus', 'avatar_crop', 'cover_focus']).properties,
  ...needed,
}, { title: 'CommunityAccountCreate', ...exampleOf({ ...needed, ...fields }, 'username', 'email', 'password', 'real_name'), ...declared('given') })
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
  tags: Type.Array(TagSchema),
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

/** The community knows three words; what it has none for shows as Unspecified (CONTRACT §5 row 6). */
export const GENDERS = { male: 'Male', female: 'Female', 'non-binary': 'Unspecified', unspecified: 'Unspecified' } as const

export const UserSchema = Type.Object(user, { title: 'CommunityUser', description: 'The user, as the asker may see them.', ...declared('shown') })
export type User = Static<typeof UserSchema>

export const CompactUserSchema = Type.Object({
  id: Type.Integer(),
  username: Type.String(),
  real_name: Type.String(),
  avatar: nullable.string(),
  ext_id: nullable.string(),
}, { title: 'CommunityCompactUser', description: 'A user in a few words.' })
export type CompactUser = Static<typeof CompactUserSchema>

const asked = (description: string) => Type.Optional(Type.String({ description }))
const filters = {
  username: asked('what the username contains'),
  real_name: asked('what the real name contains'),
  location: asked('what the location contains'),
  description: asked('what the description contains'),
  gender: asked('`Male`, `Female` or `Unspecified`'),
}
export const ListQuery = Type.Object({
  ...PageQuery.properties,
  search: asked('words that the username, the real name or a searchable field contains'),
  ...filters,
  ordering: asked('`id`, `username`, `real_name`, `location`, `date_joined`; a minus in front turns it round'),
})
export const AutocompleteQuery = Type.Object({ ...ListQuery.properties, exclude: asked('ids to leave out, with commas between them') })
export const SearchQuery = Type.Object({
  ...PageQuery.properties,
  user: asked('words that the username, the real name or a searchable field contains; `username` and `real_name` are then ignored'),
  ...filters,
  age: asked('`-30`, `30-45` or `45+`'),
  lat_lng: asked('`lat,lng`: people near it'),
  user_position: asked('`true`: people near oneself'),
  is_staff: asked('`true` or `false`'),
  tag: asked('the id of a tag'),
  category: asked('finds nobody: there are no categories'),
  ordering: asked('`username`, `location`, `real_name`, `distance`; a minus in front turns it round'),
})

const PERMISSIONS = [
  'create_contribute', 'create_poll', 'locate_post', 'create_post', 'create_group', 'create_event', 'create_course',
  'create_live_stream', 'follow_user', 'request_connection', 'accept_connection',
] as const

/** Nothing social is served here, so nothing of it is permitted. */
export const NO_PERMISSIONS = Object.fromEntries(PERMISSIONS.map((name) => [name, false]))
export const PermissionSchema = Type.Object(Object.fromEntries(PERMISSIONS.map((name) => [name, Type.Boolean()])), { title: 'CommunityPermissions', description: 'What the person may do.' })

export const MeSchema = Type.Object({
  ...user,
  role: choice('admin', 'moderator', 'editor', null),
  permission: PermissionSchema,
  unseen_interactions_counter: Type.Integer(),
  unseen_notification_banners_counter: Type.Integer(),
}, { title: 'CommunityMe', description: 'The signed-in person.', ...declared('shown') })
export type Me = Static<typeof MeSchema>

export const CountersSchema = Type.Object({
  discussions: Type.Integer(),
  posts: Type.Integer(),
  statuses: Type.Integer(),
  polls: Type.Integer(),
  followings: Type.Integer(),
  followers: Type.Integer(),
  categories: Type.Integer(),
}, { title: 'CommunityCounters', description: 'How many of each there are.' })
export type Counters = Static<typeof CountersSchema>
/** Words of the original that are not said here, or not by a schema. */
const UNSAID = ['deleted_at', 'metadata', 'cover_base64']

/** What no declared field may be called: here it would stand beside these. */
export const RESERVED_KEYS: ReadonlySet<string> = new Set([PatchSchema, PutSchema, CreateSchema, UserSchema, MeSchema].flatMap(({ properties }) => Object.keys(properties)).concat(UNSAID))

/** Of a limit that was passed. */
const numbers = { limit: Type.Optional(Type.Integer()), found: Type.Optional(Type.Integer()) }

export const ErrorsSchema = Type.Object({
  errors: Type.Array(Type.Object({
    field: Type.Optional(Type.String()),
    messages: Type.Optional(Type.Array(Type.Object({ code: Type.String(), message: Type.String(), ...numbers }, { title: 'CommunityMessage' }))),
    code: Type.Optional(Type.String()),
    message: Type.Optional(Type.String()),
    ...numbers,
  }, { title: 'CommunityError' })),
}, { title: 'CommunityErrors' })
export const problems = { '4xx': ErrorsSchema, '5xx': ErrorsSchema }
