import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { TAG_TYPES } from '../../src/core/directory/tags.ts'
import type { Tag as CoreTag } from '../../src/core/directory/tags.ts'
import { TAG_DESCRIPTION_MAX, TAG_NAME_MAX } from '../../src/core/fields/index.ts'
import { choice, exampleOf, nullable, partial, requiring, withExample } from '../shapes.ts'
import { rehearsed } from './dry-run.ts'
import { asked, listQuery } from './lists.ts'

const fields = {
  type: withExample(choice(...TAG_TYPES), 'user'),
  name: withExample(Type.String({ minLength: 1, maxLength: TAG_NAME_MAX, format: 'text' }), 'author'),
  description: withExample(Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength: TAG_DESCRIPTION_MAX, format: 'lines' }), 'Writes for us.'),
  color: withExample(Type.String({ pattern: '^#[0-9a-fA-F]{6}$', format: 'text', description: '`#rrggbb`' }), '#3366cc'),
  isActive: Type.Boolean(),
  isVisible: Type.Boolean(),
  visibilityBoost: Type.Boolean(),
}
export const TAG_NAMES = Object.fromEntries(Object.keys(fields).map((name) => [name, name]))
export const TagPatchSchema = partial(fields, { title: 'TagPatch', ...exampleOf(fields, 'description', 'color') })
export const TagCreateSchema = requiring('name', fields, { title: 'TagCreate' })

const tag = {
  id: Type.Integer(),
  type: choice(...TAG_TYPES),
  name: Type.String(),
  description: nullable.string(),
  color: Type.String(),
  isActive: Type.Boolean(),
  isVisible: Type.Boolean(),
  visibilityBoost: Type.Boolean(),
  createdAt: Type.String(),
}
export const TagSchema = Type.Object(tag, { title: 'Tag', description: 'The tag.' })
export const TagWrittenSchema = Type.Object({ ...tag, ...rehearsed }, { title: 'TagWritten', description: 'The tag as it is now.' })
export type Tag = Static<typeof TagSchema>

export const TAG_FLAGS = ['isActive', 'isVisible', 'visibilityBoost'] as const
export const TagQuery = listQuery({
  q: asked('part of the name or the description'),
  type: asked(TAG_TYPES.map((type) => `\`${type}\``).join(', ')),
  ...Object.fromEntries(TAG_FLAGS.map((name) => [name, asked('`true` or `false`')])),
})

export const toTag = ({ createdAt, ...tag }: CoreTag): Tag => ({ ...tag, createdAt: new Date(createdAt).toISOString() })
