import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { requireAdmin } from '../../src/core/access.ts'
import { ruled, UNSAID } from '../../src/core/fields/declarations.ts'
import { findingsOf } from '../findings.ts'
import { flagOf } from '../query.ts'
import { only, senderOf } from '../request.ts'
import { isDry } from './dry-run.ts'
import { builtIn, declaredField } from './described-fields.ts'
import type { FieldAsAsked } from './described-fields.ts'
import { changesOf, FieldCheckSchema, FieldCreateSchema, FieldPatchSchema, FieldSchema, ForceQuery, rules } from './field-schemas.ts'
import { loadOwn, WriteQuery } from './me.ts'

/** What a form needs to know of every field, and the fields that admins declare. */
const fieldRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { profileFields, users } = app.core
  const onlyAdmins = only(requireAdmin)
  const keyOf = ({ params }: FastifyRequest): string => (params as { key: string }).key
  const loadField = async (request: FastifyRequest) => { profileFields.find(keyOf(request)) }
  const config = { canRehearse: true, names: Object.fromEntries(['key', ...Object.keys(rules)].map((name) => [name, name])), collectsFindings: true } as const

  app.get('/fields/', {
    schema: {
      operationId: 'listFields',
      summary: 'Every field, as you have it',
      response: { 200: Type.Array(FieldSchema, { description: 'Built in, then declared.' }) },
    },
    onRequest: loadOwn,
  }, async (request) => [...builtIn(request), ...users.declared().map((field) => declaredField(request, field))])

  app.post('/fields/', {
    config,
    schema: {
      operationId: 'declareField',
      summary: 'Declare a field',
      querystring: WriteQuery,
      body: FieldCreateSchema,
      response: { 200: FieldCheckSchema, 201: FieldSchema },
    },
    onRequest: [onlyAdmins, loadOwn],
  }, async (request, reply) => {
    const errors = findingsOf(request)
    if (isDry(request)) {
      const check = await profileFields.checkNew(request.body, errors)
      return { dryRun: true, ...described(request, { key: request.body.key, ...ruled(UNSAID, request.body) }), ...check }
    }
    const declared = await profileFields.declare(senderOf(request), request.body, errors)
    reply.code(201)
    return declaredField(request, declared)
  })

  await app.register(async (ofAdmins: typeof app) => {
    ofAdmins.addHook('onRequest', onlyAdmins)

    ofAdmins.patch('/fields/:key/', {
      config,
      schema: {
        operationId: 'changeField',
        summary: 'Change a declared field',
        description: 'Refused while accounts hold what the new rules refuse; with `force=true` that stays stored.',
        querystring: ForceQuery,
        body: FieldPatchSchema,
        response: { 200: Type.Union([FieldCheckSchema, FieldSchema], { description: 'The field, or what a dry run would meet.' }) },
      },
      onRequest: [loadField, loadOwn],
    }, async (request) => {
      const errors = findingsOf(request)
      const force = flagOf(request.query, 'force') === true
      if (isDry(request)) {
        const check = await profileFields.rehearse(keyOf(request), request.body, { force, errors })
        const before = profileFields.find(keyOf(request))
        return { dryRun: true, ...described(request, { ...before, ...ruled(before, request.body) }, before), ...check }
      }
      return declaredField(request, await profileFields.change(senderOf(request), keyOf(request), request.body, { force, errors }))
    })

    ofAdmins.delete('/fields/:key/', {
      config: { canRehearse: true },
      schema: {
        operationId: 'dropField',
        summary: 'Drop a declared field',
        description: 'With the values of all accounts.',
        querystring: WriteQuery,
        response: { 200: FieldCheckSchema, 204: Type.Null() },
      },
      onRequest: loadField,
    }, async (request, reply) => {
      if (isDry(request)) return { dryRun: true, changes: changesOf(profileFields.find(keyOf(request)), {}), ...await profileFields.check(keyOf(request), {}) }
      await profileFields.drop(senderOf(request), keyOf(request))
      reply.code(204)
    })
  })
}

/** A field as it would be, and what of it would change. */
const described = (request: FastifyRequest, after: FieldAsAsked, before: Partial<FieldAsAsked> = {}) =>
  ({ ...declaredField(request, after), changes: changesOf(before, after) })

export default fieldRoutes
