import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { requireAdmin, requireStaff } from '../../src/core/access.ts'
import type { Account } from '../../src/core/people/users.ts'
import { deleteTarget, DeletionQuery, loadDeletable } from '../deletion.ts'
import { findingsOf } from '../findings.ts'
import { pageOf, toPage, windowOf } from '../pages.ts'
import { askerOf, idOf, loadTarget, only, onlyReached, optionsOf, senderOf, targetOf } from '../request.ts'
import tokens from '../security/tokens.ts'
import { fromBody } from './convert.ts'
import { ListQuery } from './list-schemas.ts'
import { listQuestion } from './questions.ts'
import { CREATE_NAMES, CreateSchema, PatchSchema, PutSchema, UserSchema } from './schemas.ts'
import type { UserBody } from './schemas.ts'
import { userOf, writableOf } from './shown.ts'

/** People: create, read, update, delete, bring back. */
const userRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { users, directory, deletion } = app.core
  const response = { 200: UserSchema }

  app.addHook('onRequest', only(requireStaff))

  const onlyAdmins = only(requireAdmin)

  async function show (reply: FastifyReply, account: Account) {
    reply.version = account.version
    return await userOf(app, account)
  }

  async function edit (request: FastifyRequest, reply: FastifyReply) {
    const target = targetOf(request)
    const errors = findingsOf(request, () => writableOf(app, target))
    const changes = fromBody(request.body as UserBody)
    return await show(reply, await users.edit(senderOf(request), target.id, changes, { ...optionsOf(request), errors }))
  }

  app.get('/', {
    prefixTrailingSlash: 'slash',
    schema: { summary: 'List users', querystring: ListQuery, response: { 200: pageOf(UserSchema) } },
  }, async (request) => {
    const window = windowOf(request)
    const { count, people } = await directory.list(askerOf(request), { ...listQuestion(request.query), ...window })
    return toPage(request, window, count, await Promise.all(people.map((account) => userOf(app, account))))
  })

  app.post('/', {
    prefixTrailingSlash: 'slash',
    config: { names: CREATE_NAMES, collectsFindings: true },
    schema: { summary: 'Create a user', body: CreateSchema, response: { 201: UserSchema } },
  }, async (request, reply) => {
    const errors = findingsOf(request)
    const { password, ...profile } = request.body as UserBody & { password?: string }
    const person = { attributes: {}, ...fromBody(profile), ...password !== undefined && { password } }
    return await show(reply, await users.create(senderOf(request), person, { ...optionsOf(request), errors }))
  })

  app.get('/:id/', {
    schema: { summary: 'Retrieve a user', response },
    onRequest: loadTarget,
  }, async (request, reply) => await show(reply, targetOf(request)))

  app.put('/:id/', {
    config: { isConditional: true, collectsFindings: true },
    schema: { summary: 'Update a user', body: PutSchema, response },
    onRequest: [loadTarget, onlyReached],
  }, edit)

  app.patch('/:id/', {
    config: { isConditional: true, collectsFindings: true },
    schema: { summary: 'Update parts of a user', body: PatchSchema, response },
    onRequest: [loadTarget, onlyReached],
  }, edit)

  app.delete('/:id/', {
    config: { isConditional: true },
    schema: {
      summary: 'Delete a user',
      description: 'Hidden everywhere for thirty days, in which an admin can restore them; with `hard=1`, for admins and oneself, gone for good.',
      querystring: DeletionQuery,
      response: { 204: Type.Null() },
    },
    onRequest: loadDeletable,
  }, deleteTarget)

  app.post('/:id/restore/', {
    config: { isConditional: true },
    schema: { summary: 'Restore a user', description: 'Brings back somebody who was deleted less than thirty days ago. For admins.', response },
    onRequest: onlyAdmins,
  }, async (request, reply) => await show(reply, await deletion.restore(senderOf(request), idOf(request), optionsOf(request))))

  await app.register(async (ofOthers) => {
    ofOthers.addHook('onRequest', onlyAdmins)
    await ofOthers.register(tokens, { prefix: '/:id', ownerOf: (request) => targetOf(request).id, load: loadTarget, whose: ' of somebody' })
  })
}

export default userRoutes
