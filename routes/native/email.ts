import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { onlyProven, optionsOf, senderOf } from '../request.ts'
import { code } from '../shapes.ts'
import { conflict } from './problems.ts'
import { address } from './bodies.ts'

const NewAddressSchema = Type.Object({ email: address('ada@new.example') }, { title: 'NewAddress' })
const CodeSchema = Type.Object({ code: code() }, { title: 'MailedCode' })

/** One's address: asked for, confirmed by the code that comes back, or left as it was. */
const emailRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { emails, emailReversal } = app.core
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

  app.post('/email/confirm/', {
    config: { access: 'open', isConditional: true },
    schema: {
      operationId: 'confirmEmail',
      summary: 'Confirm an email address',
      description: 'By the code that was mailed to it, the first one or a new one.',
      body: CodeSchema,
      response,
    },
  }, async (request) => {
    await emails.prove(request.body.code, optionsOf(request))
  })

  app.post('/email/revert/', {
    config: { access: 'open', isConditional: true },
    schema: {
      operationId: 'revertEmail',
      summary: 'Take back a change of the email address',
      description: 'By the code that was mailed to the old address. It is put back, all sessions and API tokens end, and a code for a new password is mailed.',
      body: CodeSchema,
      response,
    },
  }, async (request) => {
    await emailReversal.revert(request.body.code, optionsOf(request))
  })
}

export default emailRoutes
