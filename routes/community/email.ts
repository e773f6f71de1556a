import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { idOf, loadTarget, onlySelf, optionsOf, senderOf } from '../request.ts'
import { code } from '../shapes.ts'
import { email } from './schemas.ts'

const NAMES = { new_email: 'email', validation_code: 'code' }
const TokenQuery = Type.Object({
  token: Type.Optional(Type.String()),
  email_token: Type.Optional(Type.String({ description: 'the same, as the client of the original says it' })),
})

/** Whose address it is: asked for by a code, told by the code that comes back. */
const emailRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { emails } = app.core
  const done = { 204: Type.Null() }

  app.patch('/user/:id/change_email/', {
    config: { isConditional: true, names: NAMES },
    schema: {
      summary: 'Change the email address',
      description: 'Mails a code to the new address. The old one stays until that code comes back.',
      body: Type.Object({ new_email: email('ada@new.example') }, { title: 'CommunityEmailChange' }),
      response: done,
    },
    onRequest: [loadTarget, onlySelf],
  }, async (request) => {
    await emails.askToChange(senderOf(request), request.body.new_email, request.ifMatch)
  })

  app.post('/user/:id/confirm_email/', {
    config: { access: 'open', isConditional: true, names: NAMES },
    schema: {
      summary: 'Confirm a changed email address',
      body: Type.Object({ new_email: email('ada@new.example'), validation_code: code() }, { title: 'CommunityEmailConfirmation' }),
      response: done,
    },
    onRequest: async (request) => { idOf(request) },
  }, async (request) => {
    await emails.change({ id: idOf(request), email: request.body.new_email, code: request.body.validation_code }, optionsOf(request))
  })

  app.get('/user/:id/check_email_token/', {
    config: { access: 'open' },
    schema: {
      summary: 'Check a mailed code',
      querystring: TokenQuery,
      response: { 200: Type.Object({ is_valid: Type.Boolean() }, { title: 'CommunityCodeCheck', description: 'Whether the code counts.' }) },
    },
  }, async (request) => {
    const { token, email_token: sent = token } = request.query
    return { is_valid: await emails.isGood(idOf(request), String(sent)) }
  })

  app.post('/user/me/confirm_email/', {
    config: { isConditional: true },
    schema: { summary: 'Send the confirmation again', description: 'Nothing is sent when the address is confirmed already.', response: done },
  }, async (request) => {
    await emails.sendAgain(senderOf(request), request.ifMatch)
  })
}

export default emailRoutes
