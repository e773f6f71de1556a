import { Type } from '@sinclair/typebox'
import { ATTRIBUTE_MAX } from '../../src/core/fields/attributes.ts'
import type { FieldRules } from '../../src/core/fields/declarations.ts'
import { KEY_PATTERN, LABEL_MAX, OPTIONS_MAX, READERS, TYPES, WRITERS } from '../../src/core/fields/declarations.ts'
import { AUDIENCES } from '../../src/core/fields/visibility.ts'
import { choice, exampleOf, nullable, partial, withExample } from '../shapes.ts'
import { ChangesSchema, differences } from './dry-run.ts'
import { WriteQuery } from './me.ts'

export const rules = {
  label: withExample(Type.String({ maxLength: LABEL_MAX, format: 'text' }), 'Shoe size'),
  type: withExample(choice(...TYPES), 'integer'),
  options: Type.Array(Type.String({ minLength: 1, maxLength: ATTRIBUTE_MAX.enum }), { description: `the choices of an \`enum\`, at most ${OPTIONS_MAX}` }),
  isMandatory: Type.Boolean(),
  isEditable: Type.Boolean(),
  isSearchable: Type.Boolean(),
  read: withExample(choice(...READERS), 'member'),
  write: withExample(choice(...WRITERS), 'self'),
}
export const FieldPatchSchema = partial(rules, { title: 'FieldPatch', ...exampleOf(rules, 'label', 'read') })
export const FieldCreateSchema = Type.Object({
  key: withExample(Type.String({ minLength: 1, format: 'text', description: KEY_PATTERN }), 'shoe_size'),
  ...FieldPatchSchema.properties,
}, { title: 'FieldCreate' })
export const ForceQuery = Type.Object({ ...WriteQuery.properties, force: Type.Optional(Type.String({ description: '`true`: even if accounts break' })) })

export const FieldSchema = Type.Object({
  key: Type.String(),
  isDeclared: Type.Boolean(),
  type: Type.String({ description: 'of a declared field its own; of a built-in one the format of its text, or `choice`, `boolean`, `picture`, `list`' }),
  label: Type.String(),
  choices: Type.Unsafe<(string | null)[] | null>({ type: ['array', 'null'], items: nullable.string() }),
  maxLength: Type.Unsafe<number | null>({ type: ['integer', 'null'] }),
  isMandatory: Type.Boolean(),
  isEditable: Type.Boolean({ description: 'whether whoever changes it may do so again' }),
  isSearchable: Type.Boolean({ description: 'whether `q` finds people by it' }),
  read: Type.String({ description: 'who sees it: `public`, `member` or `self` (the person, and staff)' }),
  write: Type.String({ description: 'who changes it: `self`, `staff`, `admin`, `feed` (an admin for another system) or `never`' }),
  canWrite: Type.Boolean({ description: 'whether you may change your own' }),
  rule: nullable.string(),
  audiences: Type.Array(choice(...AUDIENCES), { description: 'to whom a person can narrow it' }),
}, { title: 'Field', description: 'The field.' })
export const FieldCheckSchema = Type.Object({
  ...Type.Partial(FieldSchema).properties,
  dryRun: Type.Boolean(),
  changes: ChangesSchema,
  accounts: Type.Integer(),
  values: Type.Integer({ description: 'accounts that hold one' }),
  breaks: Type.Integer({ description: 'accounts that fit now and would no longer' }),
}, { title: 'FieldCheck', description: 'The field as it would be, unless it would be gone, and what it would meet; nothing was written.' })

/** What would change of the rules of a field, in the words in which they are said; `before` or `after` is absent where there is no field. */
export function changesOf (before: Partial<FieldRules>, after: Partial<FieldRules>) {
  const said = (field: Partial<FieldRules>) => Object.fromEntries((Object.keys(rules) as (keyof typeof rules)[]).map((name) => [name, field[name]]))
  return differences(said(before), said(after))
}
