import { Type } from '@sinclair/typebox'
import type { Static, TSchema, TUnsafe } from '@sinclair/typebox'
import { AUDIENCES, NARROWABLE } from '../../src/core/fields/visibility.ts'
import { attributes, choice, nullable } from '../shapes.ts'
import { rehearsed } from './dry-run.ts'
import { PictureSchema } from './pictures.ts'

export const GENDERS = ['male', 'female', 'non-binary', 'unspecified'] as const
/** What each declared field and each of these is shown to. */
const audiences = Object.fromEntries(NARROWABLE.map((name) => [name, choice(...AUDIENCES)]))
const VisibilitySchema = Type.Object({ ...audiences, attributes: attributes('narrowed') }, { title: 'PersonVisibility' })

const COUNTERS = [
  'reputation',
  'followings',
  'followers',
  'posts',
  'discussions',
  'statuses',
  'polls',
  'categories',
  'unseenInteractions',
  'unseenBanners',
] as const
const orNull = <S extends TSchema>(schema: S) => Type.Unsafe<Static<S> | null>({ ...schema, type: [schema.type as string, 'null'] })
const integerOrNull = () => Type.Unsafe<number | null>({ type: ['integer', 'null'] })

const counters = Object.fromEntries(COUNTERS.map((name) => [name, integerOrNull()])) as Record<(typeof COUNTERS)[number], TUnsafe<number | null>>

/** What is shown and cannot be written: whoever sends a whole object back sends it as it was. */
const kept = {
  id: Type.Integer(),
  emailConfirmed: nullable.boolean(),
  pendingEmail: nullable.string(),
  fullName: nullable.string(),
  visibility: orNull(VisibilitySchema),
  tags: Type.Array(Type.Object({ id: Type.Integer(), name: Type.String(), color: Type.String() }, { title: 'PersonTag' })),
  role: Type.Unsafe<'editor' | 'moderator' | null>({ enum: ['editor', 'moderator', null] }),
  isOnline: nullable.boolean(),
  lastLoginAt: nullable.string(),
  lastSeenAt: nullable.string(),
  counters: Type.Object(counters, { title: 'PersonCounters' }),
  version: Type.Integer(),
  createdAt: Type.String(),
  updatedAt: nullable.string(),
  hidden: Type.Array(Type.String(), { description: 'the fields that are closed to this reader, whether or not they hold anything' }),
}

export const PersonSchema = Type.Object({
  id: kept.id,
  username: Type.String(),
  email: nullable.string(),
  emailConfirmed: kept.emailConfirmed,
  pendingEmail: kept.pendingEmail,
  realName: nullable.string(),
  firstName: nullable.string(),
  lastName: nullable.string(),
  fullName: kept.fullName,
  phone: nullable.string(),
  gender: Type.Unsafe<(typeof GENDERS)[number] | null>({ enum: [...GENDERS, null] }),
  dateOfBirth: nullable.string(),
  bio: nullable.string(),
  description: nullable.string(),
  website: nullable.string(),
  location: nullable.string(),
  locationLatLng: nullable.string(),
  positionLatLng: nullable.string(),
  language: nullable.string(),
  attributes: attributes('shown'),
  visibility: kept.visibility,
  avatar: PictureSchema,
  cover: PictureSchema,
  groups: Type.Unsafe<{ id: number, name: string }[] | null>({
    type: ['array', 'null'],
    items: Type.Object({ id: Type.Integer(), name: Type.String() }, { title: 'PersonGroup' }),
  }),
  tags: kept.tags,
  extId: nullable.string(),
  isActive: Type.Boolean(),
  isStaff: nullable.boolean(),
  isAdmin: nullable.boolean(),
  role: kept.role,
  isOnline: kept.isOnline,
  lastLoginAt: kept.lastLoginAt,
  lastSeenAt: kept.lastSeenAt,
  counters: kept.counters,
  version: kept.version,
  createdAt: kept.createdAt,
  updatedAt: kept.updatedAt,
  hidden: kept.hidden,
}, { title: 'Person', description: 'The person, as the asker may see them.' })
export type Person = Static<typeof PersonSchema>

/** What a write answers: the person, and what else it was asked. */
export const PersonWrittenSchema = Type.Object({
  ...PersonSchema.properties,
  ...rehearsed,
  ignored: Type.Optional(Type.Array(Type.String(), { description: 'keys that were dropped, with `Prefer: handling=lenient`' })),
}, { title: 'PersonWritten', description: 'The person as they are now.' })
export type PersonWritten = Static<typeof PersonWrittenSchema>

/** What is shown and cannot be written. */
export const KEPT = Object.keys(kept) as (keyof typeof kept)[]
