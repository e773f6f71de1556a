import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { requireSelfOrAdmin } from '../../src/core/access.ts'
import { DeletionQuery, isForGood } from '../deletion.ts'
import { findingsOf } from '../findings.ts'
import { idOf, loadTarget, onlySelf, optionsOf, senderOf, targetOf } from '../request.ts'
import { fromBody, toCounters, toMe } from './convert.ts'
import { CountersSchema, MeSchema, NO_PERMISSIONS, PatchSchema, PermissionSchema, PutSchema, UserSchema } from './schemas.ts'
import type { UserBody } from './schemas.ts'
import { show, userFor } from './shown.ts'

/** People: read, update, delete. */
const userRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { users, deletion } = app.core
  const { url } = app.media

  async function edit (request: FastifyRequest, reply: FastifyReply) {
    const target = targetOf(request)
    const errors = findingsOf(request, () => userFor(request, target))
    const changes = fromBody(request.body as UserBody, target)
    const account = await users.edit(senderOf(request), target.id, changes, { ...optionsOf(request), errors })
    return show(request, reply, account)
  }

  /** An admin finds whoever was deleted softly as well; to everybody else there is nobody. */
  async function mayDelete (request: FastifyRequest) {
    const id = idOf(request)
    const actor = senderOf(request)
    request.target = (actor.isAdmin ? await deletion.findHidden(id) : undefined) ?? await users.get(id)
    requireSelfOrAdmin(actor, request.target)
  }

  app.get('/user/me/', {
    schema: { summary: 'Get the signed-in person', response: { 200: MeSchema } },
  }, async (request, reply) => {
    const account = await users.get(senderOf(request).id)
    reply.version = account.version
    return toMe(users.viewFor(request.actor, account), url)
  })

  app.get('/user/me/permission/', {
    schema: { summary: 'Get permissions', response: { 200: PermissionSchema } },
  }, async () => NO_PERMISSIONS)

  app.get('/user/:id/', {
    config: { access: 'public' },
    schema: { summary: 'Get a user', response: { 200: UserSchema } },
    onRequest: loadTarget,
  }, async (request, reply) => show(request, reply, targetOf(request)))

  app.get('/user/:id/counters/', {
    config: { access: 'public' },
    schema: { summary: 'Get counters', response: { 200: CountersSchema } },
    onRequest: loadTarget,
  }, async (request, reply) => {
    const account = targetOf(request)
    reply.version = account.version
    return toCounters(users.viewFor(request.actor, account))
  })

  app.put('/user/:id/', {
    config: { isConditional: true, collectsFindings: true },
    schema: { summary: 'Update a user', body: PutSchema, response: { 200: UserSchema } },
    onRequest: [loadTarget, onlySelf],
  }, edit)

  app.patch('/user/:id/', {
    config: { isConditional: true, collectsFindings: true },
    schema: { summary: 'Update parts of a user', body: PatchSchema, response: { 200: UserSchema } },
    onRequest: [loadTarget, onlySelf],
  }, edit)

  app.delete('/user/:id/', {
    config: { isConditional: true },
    schema: {
      summary: 'Delete a user',
      description: 'Hidden everywhere for thirty days, in which the staff family can restore them; with `hard=1` gone for good.',
      querystring: DeletionQuery,
      response: { 204: Type.Null() },
    },
    onRequest: mayDelete,
  }, async (request) => {
    const end = isForGood(request) ? deletion.remove : deletion.hide
    await end(senderOf(request), targetOf(request).id, requireSelfOrAdmin, optionsOf(request))
  })
}

export default userRoutes
