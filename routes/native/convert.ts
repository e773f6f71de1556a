import { keyOf, shown, wordOf } from '../../src/core/fields/attributes.ts'
import type { ProfileField } from '../../src/core/fields/attributes.ts'
import { emptied } from '../../src/core/fields/index.ts'
import type { Changes } from '../../src/core/fields/index.ts'
import type { Account } from '../../src/core/people/users.ts'
import { audiencesOf } from '../../src/core/fields/visibility.ts'
import { altsOf, cutsOf } from './pictures.ts'
import type { Picture } from './pictures.ts'
import type { PersonPatch } from './bodies.ts'
import type { Person } from './schemas.ts'

interface Shown {
  /** The fields that are closed to the reader, in the core's words. */
  hidden: ReadonlySet<string>
  declared: readonly ProfileField[]
  isOnline: boolean
  pendingEmail: string | null
  pictures: { avatar: Picture | null, cover: Picture | null }
}

/** Milliseconds as ISO 8601 in UTC. */
export const time = (at: number | null) => at === null ? null : new Date(at).toISOString()

/** Made of others, and hidden with them. */
const MADE_OF: [name: string, from: string[]][] = [['fullName', ['firstName', 'lastName']], ['pendingEmail', ['email']], ['isOnline', ['lastSeenAt']]]
/** Told to nobody but the person and staff. */
const OWN = ['visibility', 'counters.unseenInteractions', 'counters.unseenBanners']
/** What the core has and this family does not show under that name. */
const UNSHOWN: ReadonlySet<string> = new Set([
  'isFoundByEmail',
  'settings',
  'passwordHash',
  'revokedAt',
  'emailHeldUntil',
  'deletedAt',
  'attributes',
  'canReceiveMessages',
  'unseenInteractions',
  'unseenBanners',
  'visibility',
])

/** What is closed, in the words of this family, and what of it is told. */
interface Closure { isStranger: boolean, hidden: ReadonlySet<string>, told: string[] }
const closures = new WeakMap<ReadonlySet<string>, Closure>()

/** Made once for a set: whoever narrows nothing has the same one as everybody else. */
function closureOf (closed: ReadonlySet<string>): Closure {
  const known = closures.get(closed)
  if (known !== undefined) return known
  const isStranger = closed.has('settings')
  const hidden = new Set(closed)
  for (const [name, from] of MADE_OF) if (from.some((part) => closed.has(part))) hidden.add(name)
  if (isStranger) for (const name of OWN) hidden.add(name)
  const closure = { isStranger, hidden, told: [...hidden].filter((name) => !UNSHOWN.has(name) || name === 'visibility').sort() }
  closures.set(closed, closure)
  return closure
}

/** An account in the words of this family: what is hidden is null, and named. */
export function toPerson (account: Account, { hidden: closed, declared, isOnline, pendingEmail, pictures }: Shown): Person {
  const { isStranger, hidden, told } = closureOf(closed)
  const open = <T>(name: string, value: T): T | null => hidden.has(name) ? null : value
  const values = shown(declared, account)
  return {
    id: account.id,
    username: account.username,
    email: open('email', account.email),
    emailConfirmed: open('emailConfirmed', account.emailConfirmed),
    pendingEmail: open('pendingEmail', pendingEmail),
    realName: open('realName', account.realName),
    firstName: open('firstName', account.firstName),
    lastName: open('lastName', account.lastName),
    fullName: open('fullName', `${account.firstName} ${account.lastName}`.trim()),
    phone: open('phone', account.phone),
    gender: open('gender', account.gender),
    dateOfBirth: open('dateOfBirth', account.dateOfBirth),
    bio: open('bio', account.bio),
    description: open('description', account.description),
    website: open('website', account.website),
    location: open('location', account.location),
    locationLatLng: open('locationLatLng', account.locationLatLng),
    positionLatLng: open('positionLatLng', account.positionLatLng),
    language: open('language', account.language),
    attributes: Object.fromEntries(declared.map(({ key }) => [key, open(wordOf(key), values[key] ?? null)])),
    visibility: isStranger ? null : audiencesShown(account, declared),
    avatar: open('avatar', pictures.avatar),
    cover: open('cover', pictures.cover),
    groups: open('groups', account.groups),
    tags: account.tags.filter(({ isActive, isVisible }) => !isStranger || (isActive && isVisible)).map(({ id, name, color }) => ({ id, name, color })),
    extId: open('extId', account.extId),
    isActive: account.isActive,
    isStaff: open('isStaff', account.isStaff),
    isAdmin: open('isAdmin', account.isAdmin),
    role: open('role', account.role),
    isOnline: open('isOnline', isOnline),
    lastLoginAt: open('lastLoginAt', time(account.lastLoginAt)),
    lastSeenAt: open('lastSeenAt', time(account.lastSeenAt)),
    counters: {
      reputation: account.reputation,
      followings: account.followings,
      followers: account.followers,
      posts: account.posts,
      discussions: account.discussions,
      statuses: account.statuses,
      polls: account.polls,
      categories: account.categories,
      unseenInteractions: open('counters.unseenInteractions', account.unseenInteractions),
      unseenBanners: open('counters.unseenBanners', account.unseenBanners),
    },
    version: account.version,
    createdAt: new Date(account.createdAt).toISOString(),
    updatedAt: open('updatedAt', time(account.updatedAt)),
    hidden: told,
  }
}

/** Who sees each field, the declared ones by themselves. */
function audiencesShown (account: Account, declared: readonly ProfileField[]): Person['visibility'] {
  const [builtIn, attributes]: [Record<string, string>, Record<string, string>] = [{}, {}]
  const audiences = audiencesOf(account, declared)
  for (const word in audiences) {
    const key = keyOf(word)
    if (key === undefined) builtIn[word] = audiences[word] as string
    else attributes[key] = audiences[word] as string
  }
  return { ...builtIn, attributes }
}

/** The changes that a body asks for; `null` clears. */
export const fromBody = ({ avatarFocus, avatarCrop, coverFocus, avatarAlt, coverAlt, ...body }: PersonPatch): Changes =>
  ({ ...emptied(body), ...cutsOf({ avatarFocus, avatarCrop, coverFocus }), ...altsOf({ avatarAlt, coverAlt }) })
