import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import type { Group as CoreGroup } from '../../src/core/directory/groups.ts'
import { MEMBERS_AT_ONCE } from '../../src/core/directory/members.ts'
import { GROUP_NAME_MAX, GROUP_NOTES_MAX } from '../../src/core/fields/index.ts'
import { exampleOf, partial, requiring, withExample } from '../shapes.ts'
import { rehearsed } from './dry-run.ts'
import { asked, listQuery } from './lists.ts'

const fields = {
  name: withExample(Type.String({ minLength: 1, maxLength: GROUP_NAME_MAX, format: 'text' }), 'Editors'),
  notes: withExample(Type.String({ maxLength: GROUP_NOTES_MAX, format: 'lines' }), 'They write and correct.'),
}
export const GroupCreateSchema = requiring('name', fields, { title: 'GroupCreate' })
export const GroupPatchSchema = partial(fields, { title: 'GroupPatch', ...exampleOf(fields, 'notes') })

export const MembersSchema = Type.Object({
  ids: withExample(Type.Array(Type.Integer({ minimum: 1 }), { description: `of people, at most ${MEMBERS_AT_ONCE}` }), [1]),
}, { title: 'Members' })

const group = {
  id: Type.Integer(),
  name: Type.String(),
  notes: Type.String(),
  membersCount: Type.Integer(),
  createdAt: Type.String(),
  updatedAt: Type.String(),
}
export const GroupSchema = Type.Object(group, { title: 'Group', description: 'The group.' })
export const GroupWrittenSchema = Type.Object({ ...group, ...rehearsed }, { title: 'GroupWritten', description: 'The group as it is now.' })
export const MembersChangedSchema = Type.Object({
  group: GroupSchema,
  changed: Type.Array(Type.Integer(), { description: 'who came or went, and was not there or away already' }),
  dryRun: rehearsed.dryRun,
}, { title: 'MembersChanged', description: 'The group as it is now, and who came or went.' })
export type Group = Static<typeof GroupSchema>

export const GroupQuery = listQuery({ q: asked('part of the name or the notes') })

export const toGroup = ({ id, name, notes, usersCount: membersCount, createdAt, updatedAt }: CoreGroup): Group =>
  ({ id, name, notes, membersCount, createdAt: new Date(createdAt).toISOString(), updatedAt: new Date(updatedAt).toISOString() })
