import { shown } from '../../src/core/fields/attributes.ts'
import type { ProfileField } from '../../src/core/fields/attributes.ts'
import { emptied } from '../../src/core/fields/index.ts'
import type { Changes } from '../../src/core/fields/index.ts'
import type { Account } from '../../src/core/people/users.ts'
import { renameWithCuts } from '../cuts.ts'
import { isoTime } from '../shapes.ts'
import { NAMES } from './schemas.ts'
import type { SignUpBody, UpdateBody, User } from './schemas.ts'

interface Shown {
  picturePath: (kind: 'avatar', account: Account) => string | null
  declared: readonly ProfileField[]
}

/** The picture's path is relative: clients of the original put the origin in front of it (CONTRACT §5 row 15). */
export function toUser (account: Account, { picturePath, declared }: Shown): User {
  return {
    id: account.id,
    username: account.username,
    email: account.email ?? '',
    first_name: account.firstName,
    last_name: account.lastName,
    number_phone: account.phone,
    avatar: picturePath('avatar', account),
    date_joined: isoTime(account.createdAt),
    last_login: account.lastLoginAt === null ? null : isoTime(account.lastLoginAt),
    is_active: account.isActive,
    is_staff: account.isStaff,
    is_superuser: account.isAdmin,
    attributes: shown(declared, account),
  }
}

export const fromBody = (body: UpdateBody | Omit<SignUpBody, 'password'>): Changes => emptied(renameWithCuts(body, NAMES))
