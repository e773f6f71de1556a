import type { View } from '../../src/core/access.ts'
import { emptied } from '../../src/core/fields.ts'
import type { Changes } from '../../src/core/fields.ts'
import { rename } from '../names.ts'
import { isoTime } from '../shapes.ts'
import { NAMES, NO_PERMISSIONS } from './schemas.ts'
import type { Me, User, UserBody } from './schemas.ts'

type PictureUrl = (kind: 'avatar' | 'cover', name: string | null) => string | null

// The community knows three words; what it has none for shows as Unspecified (CONTRACT §5 row 6).
const GENDERS = { Male: 'male', Female: 'female', Unspecified: 'unspecified' } as const
const WIRE_GENDERS = { male: 'Male', female: 'Female', 'non-binary': 'Unspecified', unspecified: 'Unspecified' } as const

export function toUser (account: View, pictureUrl: PictureUrl): User {
  return {
    id: account.id,
    username: account.username,
    real_name: account.realName,
    avatar: pictureUrl('avatar', account.avatar),
    cover: pictureUrl('cover', account.cover),
    ext_id: account.extId,
    email: account.email,
    email_isvalid: account.emailConfirmed,
    bio: account.bio,
    location: account.location,
    location_lat_lng: account.locationLatLng ?? '',
    position_lat_lng: account.positionLatLng ?? '',
    date_of_birth: account.dateOfBirth,
    description: account.description,
    gender: WIRE_GENDERS[account.gender],
    website: account.website,
    language: account.language,
    company_name: account.companyName,
    company_role: account.companyRole,
    tags: [],
    date_joined: isoTime(account.createdAt),
    status: account.isActive ? 'a' : 'b',
    deleted: false,
    followings_counter: account.followings,
    followers_counter: account.followers,
    posts_counter: account.posts,
    discussions_counter: account.discussions,
    statuses_counter: account.statuses,
    polls_counter: account.polls,
    categories_counter: account.categories,
    connection_status: null,
    reputation: account.reputation,
    community_badge: account.communityBadge,
    reg_approved: account.regApproved,
    can_send_pm_to: account.canReceiveMessages,
  }
}

export function toMe (account: View, pictureUrl: PictureUrl): Me {
  return {
    ...toUser(account, pictureUrl),
    role: account.isAdmin ? 'admin' : account.role,
    permission: NO_PERMISSIONS,
    unseen_interactions_counter: account.unseenInteractions ?? 0,
    unseen_notification_banners_counter: account.unseenBanners ?? 0,
  }
}

/** A gender that only reads Unspecified is not erased by sending the word back. */
export function fromBody (body: UserBody, account: { gender: keyof typeof WIRE_GENDERS }): Changes {
  const { gender, ...rest } = body
  const isShown = gender === WIRE_GENDERS[account.gender]
  return emptied({
    ...rename(rest, NAMES),
    ...gender !== undefined && !isShown && { gender: gender && GENDERS[gender] },
  })
}
