import type { Arbitrary } from 'fast-check'
import { declaredColumns, declaredValues } from './declared.ts'
import { lines, phone } from './texts.ts'
import { alt, base64, choice, counter, crop, date, email, flag, focus, foreignId, genderCleared, nullOnly, ids, kept, language, latLng, picture, pictureSame, text, unchanged, unchangedFlag, url, username } from './values.ts'
import type { Value } from './values.ts'

/** The families as CONTRACT §2.2, §3.3, §4, NATIVE and DESIGN §9 describe them: nothing here is taken from the program. */
export interface Family {
  path: (id: number) => string
  /** Who writes; absent: the person. */
  actor?: { isStaff: boolean, isAdmin: boolean }
  /** With the fields that each method requires. */
  methods: Record<string, string[]>
  /**
   * Wire name → column (`groups` are the memberships, `attributes.key` is a part of `attributes`, a cut is what is known of the
   * shown picture); a wire name with a dot is nested in JSON.
   */
  columns: Record<string, string>
  values: Record<string, Arbitrary<Value>>
  /** What the family ignores, because it is unknown, read-only or another family's. */
  ignored: string[]
  /** Nothing is ignored but where the request asks for it, and then the answer names it. */
  isStrict?: true
}

export const POOL = 6
/** Of the pictures that are uploaded. */
export const measuresOf = (file: number): [width: number, height: number] => [24 + file, 16]
export const GROUPS = [1, 2, 3, 4]

const NULL_OR_BLANK = ['null', '""']
/** Other systems' counters and marks, under their community names: an admin may set them, from others they are ignored. */
export const FED = {
  ext_id: 'ext_id',
  reg_approved: 'reg_approved',
  community_badge: 'community_badge',
  can_send_pm_to: 'can_receive_messages',
  reputation: 'reputation',
  followings_counter: 'followings',
  followers_counter: 'followers',
  posts_counter: 'posts',
  discussions_counter: 'discussions',
  statuses_counter: 'statuses',
  polls_counter: 'polls',
  categories_counter: 'categories',
  unseen_interactions_counter: 'unseen_interactions',
  unseen_notification_banners_counter: 'unseen_banners',
}
const FED_FLAGS = new Set(['reg_approved', 'community_badge', 'can_send_pm_to'])
const fedValues: Record<string, Arbitrary<Value>> = Object.fromEntries(Object.keys(FED).map((name) =>
  [name, name === 'ext_id' ? foreignId(100, NULL_OR_BLANK) : FED_FLAGS.has(name) ? flag : counter]))

const NOBODYS = ['id', 'version', 'password', 'password_hash', 'passwordHash', 'email_confirmed', 'is_superuser', 'date_joined', 'created_at', 'last_login', 'updated_at', 'role', 'full_name', 'is_online', 'groups_data', 'groups[0]', 'deleted', 'status', 'tags', 'user_permissions', 'language']

const CUTS = { avatar_focus: 'avatar_focus', avatar_crop: 'avatar_crop' }
const cutValues = { avatar_focus: focus, avatar_crop: crop }

const community: Family = {
  path: (id) => `/api/v2/user/${id}/`,
  methods: { PATCH: [], PUT: ['username'] },
  columns: {
    username: 'username',
    real_name: 'real_name',
    avatar: 'avatar',
    avatar_base64: 'avatar',
    cover: 'cover',
    ...CUTS,
    cover_focus: 'cover_focus',
    bio: 'bio',
    location: 'location',
    location_lat_lng: 'location_lat_lng',
    position_lat_lng: 'position_lat_lng',
    date_of_birth: 'date_of_birth',
    description: 'description',
    gender: 'gender',
    website: 'website',
    ...declaredColumns(''),
  },
  values: {
    username: username(255, ''),
    real_name: text(255, NULL_OR_BLANK),
    avatar: picture(POOL, NULL_OR_BLANK, pictureSame),
    avatar_base64: base64(POOL),
    cover: picture(POOL, NULL_OR_BLANK, pictureSame),
    ...cutValues,
    cover_focus: focus,
    bio: text(5_000, NULL_OR_BLANK, lines),
    location: text(100, NULL_OR_BLANK),
    location_lat_lng: latLng(NULL_OR_BLANK),
    position_lat_lng: latLng(NULL_OR_BLANK),
    date_of_birth: date,
    description: text(50, NULL_OR_BLANK),
    gender: choice({ Male: 'male', Female: 'female', Unspecified: 'unspecified' }, kept, nullOnly),
    website: url(200, NULL_OR_BLANK),
    ...declaredValues(''),
  },
  ignored: [...NOBODYS, ...Object.keys(FED), 'email', 'first_name', 'last_name', 'mobile_number', 'number_phone', 'is_staff', 'is_admin', 'is_active', 'groups', 'gone', 'undeclared', 'attributes', 'cover_crop'],
}

const staffColumns = {
  username: 'username',
  mobile_number: 'phone',
  email: 'email',
  first_name: 'first_name',
  last_name: 'last_name',
  gender: 'gender',
  avatar: 'avatar',
  ...CUTS,
  is_staff: 'is_staff',
  is_admin: 'is_admin',
  is_active: 'is_active',
  groups: 'groups',
  ...declaredColumns('attributes.'),
}
const staffValues = {
  username: username(150, '.@+'),
  mobile_number: text(20, NULL_OR_BLANK, phone),
  email: email(254, NULL_OR_BLANK),
  first_name: text(150, ['""']),
  last_name: text(150, ['""']),
  gender: choice({ male: 'male', female: 'female', 'non-binary': 'non-binary' }, genderCleared),
  avatar: picture(POOL, ['null']),
  ...cutValues,
  is_active: flag,
  groups: ids(GROUPS),
  ...declaredValues('attributes.'),
}
const staffIgnored = [...NOBODYS, 'real_name', 'bio', 'cover', 'cover_focus', 'number_phone', 'company_name', 'date_of_birth', 'attributes.gone', 'attributes.undeclared']

/** The staff family as an admin uses it. */
const admin: Family = {
  path: (id) => `/api/users/${id}/`,
  actor: { isStaff: false, isAdmin: true },
  methods: { PATCH: [], PUT: ['username'] },
  columns: { ...staffColumns, ...FED },
  values: { ...staffValues, is_staff: flag, is_admin: flag, ...fedValues },
  ignored: staffIgnored,
}

/** The same for staff who are no admins: roles only as they stand, and what another system owns is ignored. */
const staff: Family = {
  ...admin,
  actor: { isStaff: true, isAdmin: false },
  columns: staffColumns,
  values: { ...staffValues, is_staff: unchangedFlag, is_admin: unchangedFlag },
  ignored: [...staffIgnored, ...Object.keys(FED)],
}

const personal: Family = {
  path: (id) => `/api/profile/${id}/update/`,
  methods: { PUT: [] },
  columns: { username: 'username', email: 'email', first_name: 'first_name', last_name: 'last_name', number_phone: 'phone', avatar: 'avatar', ...CUTS, ...declaredColumns('attributes.') },
  values: {
    username: username(150, '.@+'),
    email: email(200, []),
    first_name: text(200, ['""']),
    last_name: text(200, ['""']),
    number_phone: text(10, NULL_OR_BLANK, phone),
    avatar: picture(POOL, ['null']),
    ...cutValues,
    ...declaredValues('attributes.'),
  },
  ignored: [...NOBODYS, ...Object.keys(FED), 'real_name', 'bio', 'cover', 'cover_focus', 'avatars', 'gender', 'mobile_number', 'is_staff', 'is_admin', 'is_active', 'groups', 'date_of_birth', 'motto', 'attributes.gone', 'attributes.undeclared'],
}

const CAMEL_CUTS = { avatarFocus: 'avatar_focus', avatarCrop: 'avatar_crop', coverFocus: 'cover_focus' }
const ALTS = { avatarAlt: 'avatar_alt', coverAlt: 'cover_alt' }
const ROLES = { isStaff: 'is_staff', isAdmin: 'is_admin', isActive: 'is_active' }
const nativeColumns = {
  username: 'username',
  email: 'email',
  realName: 'real_name',
  firstName: 'first_name',
  lastName: 'last_name',
  phone: 'phone',
  gender: 'gender',
  dateOfBirth: 'date_of_birth',
  bio: 'bio',
  description: 'description',
  website: 'website',
  location: 'location',
  locationLatLng: 'location_lat_lng',
  positionLatLng: 'position_lat_lng',
  language: 'language',
  avatar: 'avatar',
  cover: 'cover',
  ...CAMEL_CUTS,
  ...ALTS,
  groups: 'groups',
  extId: 'ext_id',
  ...ROLES,
  ...declaredColumns('attributes.'),
}

/** Oneself in the native family: the address only as it stands, and so what is not for everybody to write. */
const me: Family = {
  path: () => '/v1/me',
  methods: { PATCH: [] },
  isStrict: true,
  columns: nativeColumns,
  values: {
    username: username(255, '.@+'),
    email: unchanged,
    realName: text(255, NULL_OR_BLANK),
    firstName: text(200, NULL_OR_BLANK),
    lastName: text(200, NULL_OR_BLANK),
    phone: text(20, NULL_OR_BLANK, phone),
    gender: choice({ male: 'male', female: 'female', 'non-binary': 'non-binary', unspecified: 'unspecified' }, kept, nullOnly),
    dateOfBirth: date,
    bio: text(5_000, NULL_OR_BLANK, lines),
    description: text(50, NULL_OR_BLANK),
    website: url(200, NULL_OR_BLANK),
    location: text(100, NULL_OR_BLANK),
    locationLatLng: latLng(NULL_OR_BLANK),
    positionLatLng: latLng(NULL_OR_BLANK),
    language,
    avatar: picture(POOL, NULL_OR_BLANK, pictureSame),
    cover: picture(POOL, NULL_OR_BLANK, pictureSame),
    avatarFocus: focus,
    avatarCrop: crop,
    coverFocus: focus,
    avatarAlt: alt,
    coverAlt: alt,
    groups: unchanged,
    extId: unchanged,
    isStaff: unchangedFlag,
    isAdmin: unchangedFlag,
    isActive: unchangedFlag,
    ...declaredValues('attributes.'),
  },
  // With `Prefer: handling=lenient` alone; in the words of others, and what the service keeps itself.
  ignored: ['password', 'passwordHash', 'avatars', 'avatar_base64', 'real_name', 'is_staff', 'number_phone', 'motto', 'settings', 'deletedAt', 'groups[0]', 'attributes.gone', 'attributes.undeclared', 'emailConfirmed', 'pendingEmail', 'role', 'version', 'fullName', 'createdAt', 'id'],
}

/** Others in the native family, by an admin. */
const ofAdmin: Family = {
  ...me,
  path: (id) => `/v1/people/${id}`,
  actor: { isStaff: false, isAdmin: true },
  values: { ...me.values, email: email(254, NULL_OR_BLANK), groups: ids(GROUPS), extId: foreignId(255, NULL_OR_BLANK), isStaff: flag, isAdmin: flag, isActive: flag },
}

/** The same by staff who are no admins. */
const ofStaff: Family = { ...ofAdmin, actor: { isStaff: true, isAdmin: false }, values: { ...ofAdmin.values, extId: unchanged, isStaff: unchangedFlag, isAdmin: unchangedFlag } }

export const FAMILIES = { community, admin, staff, personal, me, ofAdmin, ofStaff }
