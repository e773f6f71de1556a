import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { requireReach, requireStaff } from '../../src/core/access.ts'
import type { Account } from '../../src/core/users.ts'
import { findingsOf } from '../findings.ts'
import { senderOf, targetOf } from '../request.ts'
import { fromBody, toUser } from './convert.ts'
import { sendError } from './errors.ts'
import groups from './groups.ts'
import { DetailSchema, NAMES, PatchSchema, PutSchema, UserSchema } from './schemas.ts'
import type { UserBody } from './schemas.ts'

/** The staff family: `/api/users`. */
const staff: FastifyPluginAsyncTypebox = async (app) => {
  const { users, presence } = app.core

  app.setErrorHandler(sendError)
  // Makes the paths below the prefix this family's; never reached, because who asks for no route is refused before.
  app.setNotFoundHandler(async () => undefined)
  app.addHook('onRequest', async (request) => requireStaff(request.actor))

  async function loadTarget (request: FastifyRequest) {
    request.target = await users.resolve((request.params as { id: string }).id)
  }

  async function onlyReached (request: FastifyRequest) {
    requireReach(senderOf(request), targetOf(request))
  }

  const toWire = (account: Account) => toUser(account, presence.isOnline(account), app.media.url)

  function show (reply: FastifyReply, account: Account) {
    reply.version = account.version
    return toWire(account)
  }

  async function edit (request: FastifyRequest, reply: FastifyReply) {
    const target = targetOf(request)
    const errors = findingsOf(request, NAMES, () => toWire(target))
    const changes = fromBody(request.body as UserBody)
    return show(reply, await users.edit(senderOf(request), target.id, changes, { family: 'staff', ifMatch: request.ifMatch, errors }))
  }

  const tags = ['staff']
  const response = { 200: UserSchema, '4xx': DetailSchema, '5xx': DetailSchema }

  await app.register(groups)

  app.get('/:id/', {
    schema: { tags, summary: 'Retrieve a user', response },
    onRequest: loadTarget,
  }, async (request, reply) => show(reply, targetOf(request)))

  app.put('/:id/', {
    schema: { tags, summary: 'Update a user', body: PutSchema, response },
    attachValidation: true,
    onRequest: [loadTarget, onlyReached],
  }, edit)

  app.patch('/:id/', {
    schema: { tags, summary: 'Update parts of a user', body: PatchSchema, response },
    attachValidation: true,
    onRequest: [loadTarget, onlyReached],
  }, edit)

  app.answerOtherMethods()
}

export default staff
