import type { Account } from '../../db/index.ts'
import type { Cut } from '../../images/cut.ts'
import type { StagedImage } from '../../images/stage.ts'
import type { AttributeChanges } from './attributes.ts'
import type { SettingChanges } from './settings.ts'
import type { VisibilityChanges } from './visibility.ts'

/** Who may see a field: everybody; whoever is signed in; the person and staff; nobody. */
export type ReadRule = 'public' | 'member' | 'self' | 'never'
/**
 * Who may change it: the person (and staff, for ordinary people); staff; admins only, others are refused; `feed`: admins
 * only, on behalf of the system that owns it, and from others it is ignored; nobody, the service keeps it.
 */
type WriteRule = 'self' | 'staff' | 'admin' | 'feed' | 'never'

interface Field {
  read: ReadRule
  write: WriteRule
  /** The longest text, in code points. */
  max?: number
  /** What clearing leaves; absent where nothing can be cleared. */
  empty?: '' | null | 'unspecified' | 'en'
}

/** Every field of an account: its rules and limits stand here and nowhere else. */
export const FIELDS = {
  id: { read: 'public', write: 'never' },
  username: { read: 'public', write: 'self', max: 255 },
  email: { read: 'self', write: 'self', max: 254, empty: null },
  emailConfirmed: { read: 'self', write: 'never' },
  passwordHash: { read: 'never', write: 'never' },
  realName: { read: 'public', write: 'self', max: 255, empty: '' },
  firstName: { read: 'self', write: 'self', max: 200, empty: '' },
  lastName: { read: 'self', write: 'self', max: 200, empty: '' },
  phone: { read: 'self', write: 'self', max: 20, empty: null },
  gender: { read: 'public', write: 'self', empty: 'unspecified' },
  dateOfBirth: { read: 'self', write: 'self', empty: null },
  bio: { read: 'public', write: 'self', max: 5_000, empty: '' },
  description: { read: 'public', write: 'self', max: 50, empty: '' },
  website: { read: 'public', write: 'self', max: 200, empty: '' },
  location: { read: 'public', write: 'self', max: 100, empty: '' },
  locationLatLng: { read: 'self', write: 'self', max: 64, empty: '' },
  positionLatLng: { read: 'self', write: 'self', max: 64, empty: '' },
  language: { read: 'public', write: 'self', max: 35, empty: 'en' },
  isFoundByEmail: { read: 'self', write: 'self' },
  avatar: { read: 'public', write: 'self', empty: null },
  cover: { read: 'public', write: 'self', empty: null },
  groups: { read: 'self', write: 'staff' },
  tags: { read: 'public', write: 'never' },
  // Each declared field has its own rules.
  attributes: { read: 'public', write: 'self' },
  // What every view goes by; only its owner is told.
  visibility: { read: 'public', write: 'self' },
  settings: { read: 'self', write: 'self' },

  isActive: { read: 'public', write: 'staff' },
  isStaff: { read: 'self', write: 'admin' },
  isAdmin: { read: 'self', write: 'admin' },
  role: { read: 'self', write: 'never' },

  extId: { read: 'public', write: 'feed', max: 255, empty: null },
  regApproved: { read: 'public', write: 'feed' },
  communityBadge: { read: 'public', write: 'feed' },
  canReceiveMessages: { read: 'member', write: 'feed' },
  reputation: { read: 'public', write: 'feed' },
  followings: { read: 'public', write: 'feed' },
  followers: { read: 'public', write: 'feed' },
  posts: { read: 'public', write: 'feed' },
  discussions: { read: 'public', write: 'feed' },
  statuses: { read: 'public', write: 'feed' },
  polls: { read: 'public', write: 'feed' },
  categories: { read: 'public', write: 'feed' },
  unseenInteractions: { read: 'self', write: 'feed' },
  unseenBanners: { read: 'self', write: 'feed' },

  version: { read: 'public', write: 'never' },
  createdAt: { read: 'public', write: 'never' },
  updatedAt: { read: 'self', write: 'never' },
  lastLoginAt: { read: 'self', write: 'never' },
  lastSeenAt: { read: 'self', write: 'never' },
  revokedAt: { read: 'never', write: 'never' },
  emailHeldUntil: { read: 'never', write: 'never' },
  deletedAt: { read: 'self', write: 'never' },
} as const satisfies Record<keyof Account, Field>

type Writable = { [K in keyof typeof FIELDS]: (typeof FIELDS)[K]['write'] extends 'never' ? never : K }[keyof typeof FIELDS]

/** One edit in the core's words: a present key sets or clears, an absent key keeps. */
export type Changes = { [K in Exclude<Writable, 'avatar' | 'cover' | 'groups' | 'attributes' | 'visibility' | 'settings'>]?: Account[K] } & {
  avatar?: StagedImage | null
  cover?: StagedImage | null
  /** The ids of all groups the person is to be in. */
  groups?: number[]
  attributes?: AttributeChanges
  visibility?: VisibilityChanges
  settings?: SettingChanges
  /** How pictures are cut, those that come or those that are there: null goes back to what the eye goes to, what is absent stays. */
  cuts?: { avatar?: Cut, cover?: Cut }
  /** What pictures show, those that come or those that are there: null and "" say nothing, what is absent stays with its picture. */
  alts?: { avatar?: string | null, cover?: string | null }
}

/** With null and "" replaced by what a cleared field holds. */
export function emptied (changes: object): Changes {
  const clear = (name: string, value: unknown): unknown => {
    const field: Field | undefined = FIELDS[name as keyof typeof FIELDS]
    return (value === null || value === '') && field?.empty !== undefined ? field.empty : value
  }
  return Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, clear(name, value)]))
}

export const PICTURES = ['avatar', 'cover'] as const
/** What the core and its findings call the text that says what a picture shows. */
export const ALTS = { avatar: 'avatarAlt', cover: 'coverAlt' } as const
/** The longest such text, in code points. */
export const ALT_MAX = 1_500
/** How many avatars a person can keep. */
export const AVATARS_MAX = 20
/** How many sessions, and how many API tokens, a list of somebody's own shows. */
export const LISTED_MAX = 1_000

/** Limits of texts that are no profile fields. */
export const GROUP_NAME_MAX = 150
export const GROUP_NOTES_MAX = 5_000
export const TAG_NAME_MAX = 64
export const TAG_DESCRIPTION_MAX = 500
export const PASSWORD_MIN = 8
export const PASSWORD_MAX = 128
export const KEY_NAME_MAX = 100
/** The longest time that anything can be given to live, in seconds: ten years. */
export const TTL_MAX_S = 3_650 * 86_400
export const DEVICE_MAX = 255
