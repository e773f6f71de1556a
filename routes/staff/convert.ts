import { shown } from '../../src/core/fields/attributes.ts'
import type { ProfileField } from '../../src/core/fields/attributes.ts'
import type { Declaration } from '../../src/core/fields/declarations.ts'
import { emptied } from '../../src/core/fields/index.ts'
import type { Changes } from '../../src/core/fields/index.ts'
import type { Group as CoreGroup } from '../../src/core/directory/groups.ts'
import type { Account } from '../../src/core/people/users.ts'
import { renameWithCuts } from '../cuts.ts'
import { rename } from '../names.ts'
import { isoTime } from '../shapes.ts'
import { FIELD_NAMES } from './field-schemas.ts'
import type { Field, FieldBody } from './field-schemas.ts'
import { NAMES } from './schemas.ts'
import type { Group, Me, MeBody, User, UserBody } from './schemas.ts'

/** Oneself is shown without them. */
export const NO_IMAGES = { avatar: null, cover: null }

interface Shown {
  pictureUrl: (kind: 'avatar', account: Account) => string | null
  declared: readonly ProfileField[]
}

export function toUser (account: Account, { isOnline, pictureUrl, declared, images }: Shown & { isOnline: boolean, images: User['images'] }): User {
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
    avatar: pictureUrl('avatar', account),
    is_staff: account.isStaff,
    is_admin: account.isAdmin,
    is_active: account.isActive,
    last_login: account.lastLoginAt === null ? null : isoTime(account.lastLoginAt),
    created_at: isoTime(account.createdAt),
    updated_at: isoTime(account.updatedAt),
    is_online: isOnline,
    groups_data: account.groups,
    images,
    attributes: shown(declared, account),
  }
}

/** Oneself, with the ids of the groups (CONTRACT §3.4). */
export function toMe (account: Account, how: Shown): Me {
  const { id, username, mobile_number, email, avatar, first_name, last_name, full_name, gender, last_login, created_at, attributes } = toUser(account, { ...how, isOnline: true, images: NO_IMAGES })
  const groups = account.groups.map((group) => group.id)
  return { id, username, mobile_number, email, avatar, first_name, last_name, full_name, gender, groups, last_login, created_at, attributes }
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

export function toField (field: ProfileField): Field {
  return {
    key: field.key,
    label: field.label,
    type: field.type,
    type_options: field.options,
    mandatory: field.isMandatory,
    editable: field.isEditable,
    searchable: field.isSearchable,
    read: field.read,
    write: field.write,
    created_at: isoTime(field.createdAt),
    updated_at: isoTime(field.updatedAt),
  }
}

export const fromFieldBody = (body: FieldBody): Declaration & { key?: string } => rename(body, FIELD_NAMES)

export const fromBody = (body: UserBody | MeBody): Changes => emptied(renameWithCuts(body, NAMES))
