import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { requireSelfOrAdmin } from '../../src/core/access.ts'
import type { Account } from '../../src/core/users.ts'
import { findingsOf } from '../findings.ts'
import { optionsOf, senderOf, targetOf } from '../request.ts'
import { fromBody, toCounters, toMe, toUser } from './convert.ts'
import { CountersSchema, MeSchema, NAMES, NO_PERMISSIONS, PatchSchema, PermissionSchema, problems, PutSchema, UserSchema } from './schemas.ts'
import type { UserBody } from './schemas.ts'
import { idOf, loadTarget, onlySelf } from './target.ts'

const HARD: ReadonlySet<unknown> = new Set(['1', 'true'])

/** People: read, update, delete. */
const userRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { users, deletion } = app.core
  const { url } = app.media
  const tags = ['community']

  function show (request: FastifyRequest, reply: FastifyReply, account: Account) {
    reply.version = account.version
    return toUser(users.viewFor(request.actor, account), url)
  }

  async function edit (request: FastifyRequest, reply: FastifyReply) {
    const target = targetOf(request)
    const errors = findingsOf(request, NAMES, () => toUser(users.viewFor(request.actor, target), url))
    const changes = fromBody(request.body as UserBody, target)
    const account = await users.edit(senderOf(request), target.id, changes, { ...optionsOf(request, 'community'), errors })
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
    schema: { tags, summary: 'Get the signed-in person', response: { 200: MeSchema, ...problems } },
  }, async (request, reply) => {
    const account = await users.get(senderOf(request).id)
    reply.version = account.version
    return toMe(users.viewFor(request.actor, account), url)
  })

  app.get('/user/me/permission/', {
    schema: { tags, summary: 'Get permissions', response: { 200: PermissionSchema, ...problems } },
  }, async () => NO_PERMISSIONS)

  app.get('/user/:id/', {
    config: { access: 'public' },
    schema: { tags, summary: 'Get a user', response: { 200: UserSchema, ...problems } },
    onRequest: loadTarget,
  }, async (request, reply) => show(request, reply, targetOf(request)))

  app.get('/user/:id/counters/', {
    config: { access: 'public' },
    schema: { tags, summary: 'Get counters', response: { 200: CountersSchema, ...problems } },
    onRequest: loadTarget,
  }, async (request, reply) => {
    const account = targetOf(request)
    reply.version = account.version
    return toCounters(users.viewFor(request.actor, account))
  })

  app.put('/user/:id/', {
    config: { isConditional: true },
    schema: { tags, summary: 'Update a user', body: PutSchema, response: { 200: UserSchema, ...problems } },
    attachValidation: true,
    onRequest: [loadTarget, onlySelf],
  }, edit)

  app.patch('/user/:id/', {
    config: { isConditional: true },
    schema: { tags, summary: 'Update parts of a user', body: PatchSchema, response: { 200: UserSchema, ...problems } },
    attachValidation: true,
    onRequest: [loadTarget, onlySelf],
  }, edit)

  app.delete('/user/:id/', {
    config: { isConditional: true },
    schema: {
      tags,
      summary: 'Delete a user',
      description: 'Hidden everywhere for thirty days, in which the staff family can restore them; with `hard=1` gone for good.',
      querystring: Type.Object({ hard: Type.Optional(Type.String({ description: '`1` or `true`: for good' })) }),
      response: { 204: Type.Null(), ...problems },
    },
    attachValidation: true,
    onRequest: mayDelete,
  }, async (request, reply) => {
    const end = HARD.has(request.query.hard) ? deletion.remove : deletion.hide
    await end(senderOf(request), targetOf(request).id, requireSelfOrAdmin, optionsOf(request, 'community'))
    return reply.code(204).send(null)
  })

  app.answerOtherMethods()
}

export default userRoutes
