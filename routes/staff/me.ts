import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Account } from '../../src/core/users.ts'
import { findingsOf } from '../findings.ts'
import { optionsOf, senderOf } from '../request.ts'
import { fromBody } from './convert.ts'
import { sendMeError } from './errors.ts'
import { ME_NAMES, MePatchSchema, MePutSchema, MeSchema, problems } from './schemas.ts'
import type { MeBody } from './schemas.ts'
import { meOf } from './shown.ts'

/** Oneself, for anybody who is signed in (CONTRACT §3.4). */
const meRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { users } = app.core
  const tags = ['staff']
  const response = { 200: MeSchema, ...problems }

  app.setErrorHandler(sendMeError)

  const toWire = (account: Account) => meOf(app, account)

  function show (reply: FastifyReply, account: Account) {
    reply.version = account.version
    return toWire(account)
  }

  async function edit (request: FastifyRequest, reply: FastifyReply) {
    const sender = senderOf(request)
    const account = await users.own(sender)
    const errors = findingsOf(request, ME_NAMES, () => toWire(account))
    const changes = fromBody(request.body as MeBody)
    return show(reply, await users.edit(sender, sender.id, changes, { ...optionsOf(request, 'staff'), errors }))
  }

  app.get('/me/', { schema: { tags, summary: 'Retrieve oneself', response } },
    async (request, reply) => show(reply, await users.get(senderOf(request).id)))
  app.put('/me/', { config: { isConditional: true }, schema: { tags, summary: 'Update oneself', body: MePutSchema, response }, attachValidation: true }, edit)
  app.patch('/me/', { config: { isConditional: true }, schema: { tags, summary: 'Update parts of oneself', body: MePatchSchema, response }, attachValidation: true }, edit)

  app.answerOtherMethods()
}

export default meRoutes
