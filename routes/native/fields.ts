import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { requireAdmin, ruleAgainst, ruleAgainstDeclared } from '../../src/core/access.ts'
import { ATTRIBUTE_MAX } from '../../src/core/fields/attributes.ts'
import type { ProfileField } from '../../src/core/fields/attributes.ts'
import { KEY_PATTERN, LABEL_MAX, OPTIONS_MAX, READERS, TYPES, WRITERS } from '../../src/core/fields/declarations.ts'
import { FIELDS } from '../../src/core/fields/index.ts'
import { AUDIENCES, ruleOf } from '../../src/core/fields/visibility.ts'
import type { Account } from '../../src/core/people/users.ts'
import { findingsOf } from '../findings.ts'
import { flagOf } from '../query.ts'
import { only, senderOf, targetOf } from '../request.ts'
import { choice, exampleOf, nullable, partial, withExample } from '../shapes.ts'
import { isDry } from './dry-run.ts'
import { loadOwn, WriteQuery } from './me.ts'
import { PatchSchema, PersonSchema } from './schemas.ts'

const rules = {
  label: withExample(Type.String({ maxLength: LABEL_MAX, format: 'text' }), 'Shoe size'),
  type: withExample(choice(...TYPES), 'integer'),
  options: Type.Array(Type.String({ minLength: 1, maxLength: ATTRIBUTE_MAX.enum }), { description: `the choices of an \`enum\`, at most ${OPTIONS_MAX}` }),
  isMandatory: Type.Boolean(),
  isEditable: Type.Boolean(),
  isSearchable: Type.Boolean(),
  read: withExample(choice(...READERS), 'member'),
  write: withExample(choice(...WRITERS), 'self'),
}
const FieldPatchSchema = partial(rules, { title: 'FieldPatch', ...exampleOf(rules, 'label', 'read') })
const FieldCreateSchema = Type.Object({ key: withExample(Type.String({ minLength: 1, format: 'text', description: KEY_PATTERN }), 'shoe_size'), ...FieldPatchSchema.properties }, { title: 'FieldCreate' })
const ForceQuery = Type.Object({ ...WriteQuery.properties, force: Type.Optional(Type.String({ description: '`true`: even if accounts break' })) })

const FieldSchema = Type.Object({
  key: Type.String(),
  isDeclared: Type.Boolean(),
  type: Type.String({ description: 'of a declared field its own; of a built-in one the format of its text, or `choice`, `boolean`, `picture`, `list`, `object`' }),
  label: Type.String(),
  choices: Type.Unsafe<(string | null)[] | null>({ type: ['array', 'null'], items: nullable.string() }),
  maxLength: Type.Unsafe<number | null>({ type: ['integer', 'null'] }),
  isMandatory: Type.Boolean(),
  read: Type.String({ description: 'who sees it: `public`, `member` or `self` (the person, and staff)' }),
  write: Type.String({ description: 'who changes it: `self`, `staff`, `admin`, `feed` (an admin for another system) or `never`' }),
  canWrite: Type.Boolean({ description: 'whether you may change your own' }),
  rule: nullable.string(),
  audiences: Type.Array(choice(...AUDIENCES), { description: 'to whom a person can narrow it' }),
}, { title: 'Field', description: 'The field.' })
const FieldCheckSchema = Type.Object({
  dryRun: Type.Boolean(),
  accounts: Type.Integer(),
  values: Type.Integer({ description: 'accounts that hold one' }),
  breaks: Type.Integer({ description: 'accounts that fit now and would no longer' }),
}, { title: 'FieldCheck', description: 'What it would meet; nothing was written.' })

/** What a form needs to know of every field, and the fields that admins declare. */
const fieldRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { profileFields, users } = app.core
  const onlyAdmins = only(requireAdmin)
  const keyOf = ({ params }: FastifyRequest): string => (params as { key: string }).key
  const loadField = async (request: FastifyRequest) => { profileFields.find(keyOf(request)) }
  const config = { canRehearse: true, names: Object.fromEntries(['key', ...Object.keys(rules)].map((name) => [name, name])), collectsFindings: true } as const
  const toField = (request: FastifyRequest, field: ProfileField) => declaredField(request, field)

  app.get('/fields/', {
    schema: { operationId: 'listFields', summary: 'Every field, as you have it', response: { 200: Type.Array(FieldSchema, { description: 'Built in, then declared.' }) } },
    onRequest: loadOwn,
  }, async (request) => [...builtIn(request), ...users.declared().map((field) => toField(request, field))])

  app.post('/fields/', {
    config,
    schema: { operationId: 'declareField', summary: 'Declare a field', querystring: WriteQuery, body: FieldCreateSchema, response: { 200: FieldCheckSchema, 201: FieldSchema } },
    onRequest: [onlyAdmins, loadOwn],
  }, async (request, reply) => {
    const errors = findingsOf(request)
    if (isDry(request)) return { dryRun: true, ...await profileFields.checkNew(request.body, errors) }
    const declared = await profileFields.declare(senderOf(request), request.body, errors)
    reply.code(201)
    return toField(request, declared)
  })

  app.patch('/fields/:key/', {
    config,
    schema: { operationId: 'changeField', summary: 'Change a declared field', description: 'Refused while accounts hold what the new rules refuse; with `force=true` that stays stored.', querystring: ForceQuery, body: FieldPatchSchema, response: { 200: Type.Union([FieldSchema, FieldCheckSchema], { description: 'The field, or what a dry run would meet.' }) } },
    onRequest: [onlyAdmins, loadField, loadOwn],
  }, async (request) => {
    const errors = findingsOf(request)
    if (isDry(request)) return { dryRun: true, ...await profileFields.check(keyOf(request), request.body, errors) }
    return toField(request, await profileFields.change(senderOf(request), keyOf(request), request.body, { force: flagOf(request.query, 'force') === true, errors }))
  })

  app.delete('/fields/:key/', {
    config: { canRehearse: true },
    schema: { operationId: 'dropField', summary: 'Drop a declared field', description: 'With the values of all accounts.', querystring: WriteQuery, response: { 200: FieldCheckSchema, 204: Type.Null() } },
    onRequest: [onlyAdmins, loadField],
  }, async (request, reply) => {
    if (isDry(request)) return { dryRun: true, ...await profileFields.check(keyOf(request), {}) }
    await profileFields.drop(senderOf(request), keyOf(request))
    reply.code(204)
  })
}

interface Property { type?: string | string[], format?: string, enum?: (string | null)[], maxLength?: number, image?: object }

/** The built-in fields that this family shows. */
function builtIn (request: FastifyRequest) {
  const patch = PatchSchema.properties as Record<string, Property>
  return Object.keys(PersonSchema.properties).flatMap((key) => {
    const field = FIELDS[key as keyof Account] as (typeof FIELDS)[keyof Account] | undefined
    if (field === undefined || key === 'attributes') return []
    const { enum: choices = null, maxLength = null, ...property } = { ...PersonSchema.properties[key as 'bio'] as Property, ...patch[key] }
    const rule = field.write === 'never' || key === 'visibility' ? 'never' : key === 'email' ? 'confirm' : ruleAgainst(request.actor, key as 'bio') ?? null
    const shared = { key, isDeclared: false, label: '', choices, maxLength, isMandatory: key === 'username', read: field.read, write: field.write, canWrite: rule === null, rule }
    return [{ ...shared, type: typeOf(property, choices), audiences: audiencesFrom(ruleOf(key, [])) }]
  })
}

function typeOf ({ type, format, image }: Property, choices: readonly unknown[] | null): string {
  const [kind = 'text'] = [type].flat()
  if (choices !== null) return 'choice'
  if (image !== undefined) return 'picture'
  return kind === 'string' ? format ?? 'text' : kind === 'array' ? 'list' : kind
}

function declaredField (request: FastifyRequest, field: ProfileField) {
  const { key, type, label, options, isMandatory, read, write } = field
  const rule = ruleAgainstDeclared(request.actor, targetOf(request), field) ?? null
  return { key: `attributes.${key}`, isDeclared: true, type, label, choices: type === 'enum' ? options : null, maxLength: type in ATTRIBUTE_MAX ? ATTRIBUTE_MAX[type as 'string'] : null, isMandatory, read, write, canWrite: rule === null, rule, audiences: audiencesFrom(read) }
}

/** Never wider than the rule. */
const audiencesFrom = (rule: string | undefined) => rule === undefined ? [] : AUDIENCES.slice(AUDIENCES.findIndex((audience) => audience === rule))

export default fieldRoutes
