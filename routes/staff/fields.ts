import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { requireAdmin, requireStaff } from '../../src/core/access.ts'
import { findingsOf } from '../findings.ts'
import { PageQuery, pageOf, toPage, windowOf } from '../pages.ts'
import { only, senderOf } from '../request.ts'
import { fromFieldBody, toField } from './convert.ts'
import { FIELD_NAMES, FieldAnswerSchema, FieldChangeQuery, FieldCheckQuery, FieldCheckSchema, FieldCreateSchema, FieldPatchSchema, FieldSchema } from './field-schemas.ts'

const OFF: ReadonlySet<unknown> = new Set([undefined, '', '0', 'false'])
const ON: ReadonlySet<unknown> = new Set(['1', 'true'])

/** In doubt nothing is to be written. */
const isDry = ({ query }: FastifyRequest): boolean => !OFF.has((query as { dry_run?: unknown }).dry_run)
const isForced = ({ query }: FastifyRequest): boolean => ON.has((query as { force?: unknown }).force)

/** The fields that an operator declares beside the built-in ones. */
const fieldRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { profileFields } = app.core

  app.addHook('onRequest', only(requireStaff))
  const onlyAdmins = only(requireAdmin)

  const keyOf = ({ params }: FastifyRequest): string => (params as { key: string }).key
  const loadField = async (request: FastifyRequest) => { profileFields.find(keyOf(request)) }

  app.get('/fields/', {
    schema: { summary: 'List profile fields', querystring: PageQuery, response: { 200: pageOf(FieldSchema) } },
  }, async (request) => {
    const window = windowOf(request)
    const declared = profileFields.list()
    return toPage(request, window, declared.length, declared.slice(window.offset, window.offset + window.limit).map(toField))
  })

  app.post('/fields/', {
    config: { names: FIELD_NAMES, collectsFindings: true },
    schema: { summary: 'Declare a profile field', querystring: FieldCheckQuery, body: FieldCreateSchema, response: { 200: FieldCheckSchema, 201: FieldSchema } },
    onRequest: onlyAdmins,
  }, async (request, reply) => {
    const errors = findingsOf(request)
    const declaration = fromFieldBody(request.body)
    if (isDry(request)) return await profileFields.checkNew(declaration, errors)
    reply.code(201)
    return toField(await profileFields.declare(senderOf(request), declaration, errors))
  })

  app.get('/fields/:key/', {
    schema: { summary: 'Retrieve a profile field', response: { 200: FieldSchema } },
  }, async (request) => toField(profileFields.find(keyOf(request))))

  app.patch('/fields/:key/', {
    config: { names: FIELD_NAMES, collectsFindings: true },
    schema: {
      summary: 'Change a profile field',
      description: 'Refused while accounts hold what the new rules refuse; with `force=1` that stays stored.',
      querystring: FieldChangeQuery,
      body: FieldPatchSchema,
      response: { 200: FieldAnswerSchema },
    },
    onRequest: [onlyAdmins, loadField],
  }, async (request) => {
    const errors = findingsOf(request)
    const declaration = fromFieldBody(request.body)
    if (isDry(request)) return await profileFields.check(keyOf(request), declaration, errors)
    return toField(await profileFields.change(senderOf(request), keyOf(request), declaration, { force: isForced(request), errors }))
  })

  app.delete('/fields/:key/', {
    schema: {
      summary: 'Drop a profile field',
      description: 'With the values of all accounts.',
      querystring: FieldCheckQuery,
      response: { 200: FieldCheckSchema, 204: Type.Null() },
    },
    onRequest: [onlyAdmins, loadField],
  }, async (request, reply) => {
    if (isDry(request)) return await profileFields.check(keyOf(request), {})
    await profileFields.drop(senderOf(request), keyOf(request))
    reply.code(204)
  })
}

export default fieldRoutes
