import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { onlyProven, senderOf } from '../request.ts'
import emailCodes from '../security/email-codes.ts'
import { address } from './bodies.ts'
import { conflict } from './problems.ts'

const NewAddressSchema = Type.Object({ email: address('ada@new.example') }, { title: 'NewAddress' })

/** One's address: asked for, confirmed by the code that comes back, or left as it was. */
const emailRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { emails } = app.core
  const response = { 204: Type.Null(), ...conflict }

  app.put('/me/email/', {
    config: { isConditional: true },
    schema: {
      operationId: 'setMyEmail',
      summary: 'Ask for another email address',
      description: 'Mails a code to it. The old one stays until that code comes back.',
      body: NewAddressSchema,
      response,
    },
    onRequest: onlyProven,
  }, async (request) => {
    await emails.askToChange(senderOf(request), request.body.email, request.ifMatch)
  })

  app.delete('/me/email/', {
    schema: { operationId: 'keepMyEmail', summary: 'Take a request for another address back', description: 'Its code counts no longer.', response },
  }, async (request) => {
    await emails.takeBack(senderOf(request))
  })

  app.post('/me/email/confirmation/', {
    config: { isConditional: true },
    schema: {
      operationId: 'resendConfirmation',
      summary: 'Send the confirmation again',
      description: 'Nothing is sent when the address is confirmed already.',
      response,
    },
  }, async (request) => {
    await emails.sendAgain(senderOf(request), request.ifMatch)
  })

  await app.register(emailCodes, { path: '/email', response, called: { confirm: 'confirmEmail', revert: 'revertEmail' } })
}

export default emailRoutes
