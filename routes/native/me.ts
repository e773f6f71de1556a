import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { requireSelfOrAdmin } from '../../src/core/access.ts'
import { refuse } from '../../src/core/errors.ts'
import { AUDIENCES } from '../../src/core/fields/visibility.ts'
import type { Reader } from '../../src/core/fields/visibility.ts'
import { DeletionQuery, isForGood } from '../deletion.ts'
import { onlyProven, optionsOf, senderOf } from '../request.ts'
import { edit } from './edit.ts'
import { FieldsQuery } from './fields-query.ts'
import { sentIn } from './parameters.ts'
import { conflict } from './problems.ts'
import { PatchSchema } from './bodies.ts'
import { PersonSchema, PersonWrittenSchema } from './schemas.ts'
import { written } from './written.ts'

const MeQuery = Type.Object({ ...FieldsQuery.properties, as: Type.Optional(Type.String({ description: '`public` or `member`: what they see' })) })
export const WriteQuery = Type.Object({ dryRun: Type.Optional(Type.String({ description: '`true`: judged and answered, and nothing is written' })) })

/** Before the body is read: oneself is whom the request is about. Whether one still counts has just been asked, and is again where it writes. */
export async function loadOwn (request: FastifyRequest): Promise<void> {
  request.target = await request.server.core.users.get(senderOf(request).id)
}

/** Oneself. */
const meRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { users, deletion } = app.core

  app.get('/me/', {
    schema: {
      operationId: 'getMe',
      summary: 'The signed-in person',
      description: 'The whole account. `as` shows what others see of it.',
      querystring: MeQuery,
      response: { 200: PersonSchema },
    },
  }, async (request, reply) => {
    const account = await users.get(senderOf(request).id)
    return await written(request, reply, account, readerIn(request))
  })

  app.patch('/me/', {
    config: { isConditional: true, canRehearse: true, canIgnore: true, collectsFindings: true },
    schema: {
      operationId: 'updateMe',
      summary: 'Change oneself',
      querystring: WriteQuery,
      body: PatchSchema,
      response: { 200: PersonWrittenSchema, ...conflict },
    },
    onRequest: loadOwn,
  }, edit)

  app.delete('/me/', {
    config: { isConditional: true },
    schema: {
      operationId: 'deleteMe',
      summary: 'Leave',
      description: 'Hidden everywhere for thirty days, in which you can come back; with `hard=1` gone for good.',
      querystring: DeletionQuery,
      response: { 204: Type.Null(), ...conflict },
    },
    onRequest: onlyProven,
  }, async (request) => {
    const sender = senderOf(request)
    await (isForGood(request) ? deletion.remove : deletion.hide)(sender, sender.id, requireSelfOrAdmin, optionsOf(request))
  })
}

function readerIn (request: FastifyRequest): Reader | undefined {
  const as = sentIn(request, 'as')
  if (as !== undefined && !AUDIENCES.includes(as as Reader)) refuse([{ field: 'as', code: 'invalid_choice', params: { value: as } }])
  return as as Reader | undefined
}

export default meRoutes
