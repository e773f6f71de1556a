import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Account } from '../../src/core/people/users.ts'
import { findingsOf } from '../findings.ts'
import { optionsOf, senderOf } from '../request.ts'
import { fromBody } from './convert.ts'
import { ME_NAMES, MePatchSchema, MePutSchema, MeSchema } from './schemas.ts'
import type { MeBody } from './schemas.ts'
import { meOf } from './shown.ts'

/** Oneself, for anybody who is signed in (CONTRACT §3.4). */
const meRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { users } = app.core
  const toWire = (account: Account) => meOf(app, account)
  const config = { isConditional: true, names: ME_NAMES, represent: { schema: MeSchema, show: toWire }, collectsFindings: true } as const
  const response = { 200: MeSchema }

  function show (reply: FastifyReply, account: Account) {
    reply.version = account.version
    return toWire(account)
  }

  async function edit (request: FastifyRequest, reply: FastifyReply) {
    const sender = senderOf(request)
    const account = await users.own(sender)
    const errors = findingsOf(request, () => toWire(account))
    const changes = fromBody(request.body as MeBody)
    return show(reply, await users.edit(sender, sender.id, changes, { ...optionsOf(request), errors }))
  }

  app.get('/me/', { schema: { summary: 'Retrieve oneself', response } },
    async (request, reply) => show(reply, await users.get(senderOf(request).id)))
  app.put('/me/', { config, schema: { summary: 'Update oneself', body: MePutSchema, response } }, edit)
  app.patch('/me/', { config, schema: { summary: 'Update parts of oneself', body: MePatchSchema, response } }, edit)
}

export default meRoutes
