import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { refuse } from '../../src/core/errors.ts'
import { findingsOf } from '../findings.ts'
import { senderOf } from '../request.ts'
import { sendErrorIn } from './errors.ts'
import { code, email, problems } from './schemas.ts'

const NAMES = { email: 'email', code: 'code' }

/** Whose address it is. The original has no such endpoints: these are in the style of its others. */
const emailRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { emails, users } = app.core
  const tags = ['personal']
  const response = { 204: Type.Null(), ...problems }

  app.setErrorHandler(sendErrorIn(NAMES))

  app.post('/email/change/', {
    schema: {
      tags,
      summary: 'Change Email',
      description: 'Mails a code to the new address. The old one stays until that code comes back.',
      body: Type.Object({ email: email() }),
      response,
    },
    attachValidation: true,
  }, async (request, reply) => {
    refuse(findingsOf(request, NAMES))
    await emails.askToChange(await users.get(senderOf(request).id), request.body.email)
    return reply.code(204).send(null)
  })

  app.post('/email/confirm/', {
    config: { access: 'open' },
    schema: {
      tags,
      summary: 'Confirm Email',
      description: 'By the code that was mailed to an address, the first one or a new one.',
      body: Type.Object({ code: code() }),
      response,
    },
    attachValidation: true,
  }, async (request, reply) => {
    refuse(findingsOf(request, NAMES))
    await emails.prove(request.body.code, 'personal')
    return reply.code(204).send(null)
  })

  app.post('/email/send/', {
    schema: { tags, summary: 'Send Confirmation', description: 'Nothing is sent when the address is confirmed already.', response },
  }, async (request, reply) => {
    await emails.sendAgain(await users.get(senderOf(request).id))
    return reply.code(204).send(null)
  })

  app.answerOtherMethods()
}

export default emailRoutes
