import type { AttributeChanges } from '../../src/core/fields/attributes.ts'
import { emptied } from '../../src/core/fields/index.ts'
import type { Changes } from '../../src/core/fields/index.ts'
import type { Tag, TagChanges } from '../../src/core/directory/tags.ts'
import type { View } from '../../src/core/fields/visibility.ts'
import { renameWithCuts } from '../cuts.ts'
import { rename } from '../names.ts'
import { isoTime } from '../shapes.ts'
import { GENDERS, NAMES, NO_PERMISSIONS } from './schemas.ts'
import type { CompactUser, Counters, Me, User, UserBody } from './schemas.ts'
import { TAG_NAMES } from './tag-schemas.ts'
import type { TagBody, WireTag } from './tag-schemas.ts'

type PictureUrl = (kind: 'avatar' | 'cover', account: Pick<View, 'avatar' | 'cover' | 'visibility'>) => string | null

const CORE_GENDERS = { Male: 'male', Female: 'female', Unspecified: 'unspecified' } as const

export function toUser (account: View, pictureUrl: PictureUrl): User {
  return {
    id: account.id,
    username: account.username,
    real_name: account.realName,
    avatar: pictureUrl('avatar', account),
    cover: pictureUrl('cover', account),
    ext_id: account.extId,
    email: account.email,
    email_isvalid: account.emailConfirmed,
    bio: account.bio,
    location: account.location,
    location_lat_lng: account.locationLatLng ?? '',
    position_lat_lng: account.positionLatLng ?? '',
    date_of_birth: account.dateOfBirth,
    description: account.description,
    gender: GENDERS[account.gender],
    website: account.website,
    language: account.language,
    tags: account.tags.map(toTag),
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
    ...account.attributes,
  }
}

/** A user as it is offered while somebody types. */
export function toCompactUser (account: View, pictureUrl: PictureUrl): CompactUser {
  return { id: account.id, username: account.username, real_name: account.realName, avatar: pictureUrl('avatar', account), ext_id: account.extId }
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

export const toCounters = ({ discussions, posts, statuses, polls, followings, followers, categories }: View): Counters =>
  ({ discussions, posts, statuses, polls, followings, followers, categories })

/**
 * Whatever is no field of the family's own is a declared one: nothing else comes past the reader of bodies. A gender that
 * only reads Unspecified is not erased by sending the word back.
 */
export function fromBody (body: UserBody, account: { gender: keyof typeof GENDERS }): Changes {
  const { gender, ...rest } = body
  const isShown = gender === GENDERS[account.gender]
  return emptied({
    ...renameWithCuts(rest, NAMES),
    ...gender !== undefined && !isShown && { gender: gender && CORE_GENDERS[gender] },
    attributes: Object.fromEntries(Object.entries(rest).filter(([name]) => !(name in NAMES))) as AttributeChanges,
  })
}

export function toTag (tag: Tag): WireTag {
  return {
    id: tag.id,
    active: tag.isActive,
    name: tag.name,
    type: tag.type,
    description: tag.description,
    color: tag.color,
    visible: tag.isVisible,
    visibility_boost: tag.visibilityBoost,
    created_at: isoTime(tag.createdAt),
    deleted: false,
  }
}

export function fromTagBody (body: TagBody): TagChanges {
  const { description, ...rest } = body
  return { ...rename(rest, TAG_NAMES), ...description !== undefined && { description: description === '' ? null : description } }
}
