import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { requireActor, requireSelf, viewFor } from '../../src/core/access.ts'
import type { Account } from '../../src/core/users.ts'
import { findingsOf } from '../findings.ts'
import { senderOf, targetOf } from '../request.ts'
import { fromBody, toMe, toUser } from './convert.ts'
import { sendError } from './errors.ts'
import { ErrorsSchema, MeSchema, NAMES, PatchSchema, PutSchema, UserSchema } from './schemas.ts'
import type { UserBody } from './schemas.ts'

/** The community family: `/api/v2`. */
const community: FastifyPluginAsyncTypebox = async (app) => {
  const { users } = app.core
  const { url } = app.media

  app.setErrorHandler(sendError)
  // Makes the paths below the prefix this family's; never reached, because who asks for no route is refused before.
  app.setNotFoundHandler(async () => undefined)
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.access === undefined) requireActor(request.actor)
  })

  async function loadTarget (request: FastifyRequest) {
    request.target = await users.resolve((request.params as { id: string }).id)
  }

  async function onlySelf (request: FastifyRequest) {
    requireSelf(request.actor, targetOf(request))
  }

  function show (request: FastifyRequest, reply: FastifyReply, account: Account) {
    reply.version = account.version
    return toUser(viewFor(request.actor, account), url)
  }

  async function edit (request: FastifyRequest, reply: FastifyReply) {
    const target = targetOf(request)
    const errors = findingsOf(request, NAMES, () => toUser(viewFor(request.actor, target), url))
    const changes = fromBody(request.body as UserBody, target)
    const account = await users.edit(senderOf(request), target.id, changes, { family: 'community', ifMatch: request.ifMatch, errors })
    return show(request, reply, account)
  }

  const tags = ['community']
  const answers = <S>(schema: S) => ({ 200: schema, '4xx': ErrorsSchema, '5xx': ErrorsSchema })

  app.get('/user/me/', {
    schema: { tags, summary: 'Get the signed-in person', response: answers(MeSchema) },
  }, async (request, reply) => {
    const account = await users.get(senderOf(request).id)
    reply.version = account.version
    return toMe(viewFor(request.actor, account), url)
  })

  app.get('/user/:id/', {
    config: { access: 'public' },
    schema: { tags, summary: 'Get a user', response: answers(UserSchema) },
    onRequest: loadTarget,
  }, async (request, reply) => show(request, reply, targetOf(request)))

  app.put('/user/:id/', {
    schema: { tags, summary: 'Update a user', body: PutSchema, response: answers(UserSchema) },
    attachValidation: true,
    onRequest: [loadTarget, onlySelf],
  }, edit)

  app.patch('/user/:id/', {
    schema: { tags, summary: 'Update parts of a user', body: PatchSchema, response: answers(UserSchema) },
    attachValidation: true,
    onRequest: [loadTarget, onlySelf],
  }, edit)

  app.answerOtherMethods()
}

export default community
