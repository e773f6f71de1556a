import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { TAG_DESCRIPTION_MAX, TAG_NAME_MAX } from '../../src/core/fields/index.ts'
import { TAG_TYPES } from '../../src/core/directory/tags.ts'
import { PageQuery } from '../pages.ts'
import { choice, exampleOf, nullable, partial, requiring, withExample } from '../shapes.ts'

/** The wire's words for what a tag holds, in the order of the body. */
export const TAG_NAMES = {
  active: 'isActive',
  name: 'name',
  type: 'type',
  description: 'description',
  color: 'color',
  visible: 'isVisible',
  visibility_boost: 'visibilityBoost',
} as const

const fields = {
  active: Type.Boolean(),
  name: withExample(Type.String({ minLength: 1, maxLength: TAG_NAME_MAX, format: 'text' }), 'author'),
  type: withExample(choice(...TAG_TYPES), 'user'),
  description: withExample(Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength: TAG_DESCRIPTION_MAX, format: 'lines' }), 'Writes for us.'),
  color: withExample(Type.String({ pattern: '^#[0-9a-fA-F]{6}$', format: 'text', description: '`#rrggbb`' }), '#3366cc'),
  visible: Type.Boolean(),
  visibility_boost: Type.Boolean(),
}

export const TagPatchSchema = partial(fields, { title: 'CommunityTagPatch', ...exampleOf(fields, 'description', 'color') })
/** A new tag, or a PUT: only the name must be sent. */
export const TagPutSchema = requiring('name', fields, { title: 'CommunityTagPut' })
export type TagBody = Static<typeof TagPatchSchema>

export const TagSchema = Type.Object({
  id: Type.Integer(),
  active: Type.Boolean(),
  name: Type.String(),
  type: choice(...TAG_TYPES),
  description: nullable.string(),
  color: Type.String(),
  visible: Type.Boolean(),
  visibility_boost: Type.Boolean(),
  created_at: Type.String(),
  deleted: Type.Boolean(),
}, { title: 'CommunityTag', description: 'The tag.' })
export type WireTag = Static<typeof TagSchema>

const query = (description?: string) => Type.Optional(Type.String(description === undefined ? {} : { description }))

export const TagQuery = Type.Object({
  ...PageQuery.properties,
  search: query('part of the name or the description'),
  type: query('`user`, `category` or `contribution`'),
  active: query('`true` or `false`'),
  deleted: query('`true` or `false`; no tag is ever deleted'),
  visible: query('`true` or `false`'),
  visibility_boost: query('`true` or `false`'),
  ordering: query('of `id`, `name`, `type`, `created_at`, with `-` for descending; `-created_at` unless told'),
})

export const HolderQuery = Type.Object({
  tag_id: query(),
  tag_name: query('instead of the id: the name of a tag of the type `user`'),
  ...PageQuery.properties,
  ordering: query('`id`, `username` or `real_name`, with `-` for descending; `id` unless told'),
})

export const GIFT_NAMES = { user: 'user' } as const
export const GiftSchema = Type.Object({ user: withExample(Type.Integer({ description: 'the id of the person' }), 1) }, { title: 'CommunityTagging' })
export type GiftBody = Static<typeof GiftSchema>
