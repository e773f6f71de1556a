import { emptied } from '../../src/core/fields.ts'
import type { Changes } from '../../src/core/fields.ts'
import type { Group as CoreGroup } from '../../src/core/groups.ts'
import type { Account } from '../../src/core/users.ts'
import { rename } from '../names.ts'
import { isoTime } from '../shapes.ts'
import { NAMES } from './schemas.ts'
import type { Group, User, UserBody } from './schemas.ts'

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

export const fromBody = (body: UserBody): Changes => emptied(rename(body, NAMES))
