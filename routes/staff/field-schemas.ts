import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { ATTRIBUTE_MAX } from '../../src/core/fields/attributes.ts'
import { KEY_PATTERN, LABEL_MAX, OPTIONS_MAX, READERS, TYPES, WRITERS } from '../../src/core/fields/declarations.ts'
import { choice, exampleOf, partial, withExample } from '../shapes.ts'

/** The wire's words for what is declared of a field, in the order of the body. */
export const FIELD_NAMES = {
  key: 'key',
  label: 'label',
  type: 'type',
  type_options: 'options',
  mandatory: 'isMandatory',
  editable: 'isEditable',
  searchable: 'isSearchable',
  read: 'read',
  write: 'write',
} as const

const rules = {
  label: withExample(Type.String({ maxLength: LABEL_MAX, format: 'text' }), 'Shoe size'),
  type: withExample(choice(...TYPES), 'integer'),
  type_options: Type.Array(Type.String({ minLength: 1, maxLength: ATTRIBUTE_MAX.enum }), { description: `the choices of an \`enum\`, at most ${OPTIONS_MAX}` }),
  mandatory: Type.Boolean(),
  editable: Type.Boolean(),
  searchable: Type.Boolean(),
  read: withExample(choice(...READERS), 'member'),
  write: withExample(choice(...WRITERS), 'self'),
}

export const FieldPatchSchema = partial(rules, { title: 'StaffFieldPatch', ...exampleOf(rules, 'label', 'read') })
export const FieldCreateSchema = Type.Object({
  key: withExample(Type.String({ minLength: 1, format: 'text', description: KEY_PATTERN }), 'shoe_size'),
  ...FieldPatchSchema.properties,
}, { title: 'StaffFieldCreate' })
export type FieldBody = Partial<Static<typeof FieldCreateSchema>>

export const FieldSchema = Type.Object({
  key: Type.String(),
  label: Type.String(),
  type: choice(...TYPES),
  type_options: Type.Array(Type.String()),
  mandatory: Type.Boolean(),
  editable: Type.Boolean(),
  searchable: Type.Boolean(),
  read: choice(...READERS),
  write: choice(...WRITERS),
  created_at: Type.String(),
  updated_at: Type.String(),
}, { title: 'StaffField', description: 'The field.' })
export type Field = Static<typeof FieldSchema>

const dry_run = Type.Optional(Type.String({ description: '`1`: tells what it would meet, and writes nothing' }))
export const FieldCheckQuery = Type.Object({ dry_run })
export const FieldChangeQuery = Type.Object({ dry_run, force: Type.Optional(Type.String({ description: '`1` or `true`: even if accounts break' })) })

/** What a dry run tells: all accounts, those that hold a value, those that fit now and would no longer. */
export const FieldCheckSchema = Type.Object({ accounts: Type.Integer(), values: Type.Integer(), breaks: Type.Integer() }, { title: 'StaffFieldCheck', description: 'What it would meet; nothing was written.' })
export const FieldAnswerSchema = Type.Union([FieldSchema, FieldCheckSchema], { description: 'The field, or what a dry run would meet.' })
