import { emptied } from '../../src/core/fields.ts'
import type { Changes } from '../../src/core/fields.ts'
import type { Group as CoreGroup } from '../../src/core/groups.ts'
import type { Account } from '../../src/core/users.ts'
import { rename } from '../names.ts'
import { isoTime } from '../shapes.ts'
import { NAMES } from './schemas.ts'
import type { Group, Me, MeBody, User, UserBody } from './schemas.ts'

type PictureUrl = (kind: 'avatar', name: string | null) => string | null

export function toUser (account: Account, isOnline: boolean, pictureUrl: PictureUrl): User {
  return {
    id: account.id,
    username: account.username,
    mobile_number: account.phone,
    email: account.email,
    first_name: account.firstName,
    last_name: account.lastName,
    full_name: `${account.firstName} ${account.lastName}`.trim(),
    // The staff family has no word for unspecified.
    gender: account.gender === 'unspecified' ? null : account.gender,
    avatar: pictureUrl('avatar', account.avatar),
    is_staff: account.isStaff,
    is_admin: account.isAdmin,
    is_active: account.isActive,
    last_login: account.lastLoginAt === null ? null : isoTime(account.lastLoginAt),
    created_at: isoTime(account.createdAt),
    updated_at: isoTime(account.updatedAt),
    is_online: isOnline,
    groups_data: account.groups,
  }
}

/** Oneself, with the ids of the groups (CONTRACT §3.4). */
export function toMe (account: Account, pictureUrl: PictureUrl): Me {
  const { id, username, mobile_number, email, avatar, first_name, last_name, full_name, gender, last_login, created_at } = toUser(account, true, pictureUrl)
  const groups = account.groups.map((group) => group.id)
  return { id, username, mobile_number, email, avatar, first_name, last_name, full_name, gender, groups, last_login, created_at }
}

export function toGroup (group: CoreGroup): Group {
  return {
    id: group.id,
    name: group.name,
    notes: group.notes,
    users_count: group.usersCount,
    created_at: isoTime(group.createdAt),
    updated_at: isoTime(group.updatedAt),
  }
}

export const fromBody = (body: UserBody | MeBody): Changes => emptied(rename(body, NAMES))
