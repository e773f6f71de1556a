import { Type } from '@sinclair/typebox'
import type { TSchema } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Begin } from '../../src/core/credentials/sessions.ts'
import { optionsOf, originOf, senderOf } from '../request.ts'
import { code, endTokens, newPassword, otp, password } from '../shapes.ts'
import { withEmail } from './emails.ts'
import type { AddressOptions } from './emails.ts'

interface Options extends AddressOptions {
  /** Signs in whoever has set a password by a code, and answers as `signedIn` says. */
  begin: Begin<unknown>
  signedIn: TSchema
}

const CHANGE_NAMES = { password: 'password', new_password: 'newPassword', end_tokens: 'endTokens' }
const RECOVER_NAMES = { email: 'email' }
const RESET_NAMES = { code: 'code', password: 'newPassword', otp: 'otp' }

/** A new password, by the old one or by a mailed code, for the families whose originals have no such endpoints. */
const passwordRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { path, email, begin, signedIn }) => {
  const { core: { passwordChange }, family } = app

  app.post(`${path}/change/`, {
    config: { isConditional: true, names: CHANGE_NAMES },
    schema: {
      summary: 'Change the password',
      description: 'Ends all sessions but the one that asks.',
      body: Type.Object({ password: password(), new_password: newPassword(), end_tokens: endTokens() }, { title: 'PasswordChange' }),
      response: { 204: Type.Null() },
    },
  }, async (request) => {
    const { password: current, new_password: next, end_tokens: ends } = request.body
    await passwordChange.change(senderOf(request), { current, next, endTokens: ends, address: request.ip }, optionsOf(request))
  })

  app.post(`${path}/recover/`, {
    config: { access: 'open', names: RECOVER_NAMES },
    schema: {
      summary: 'Recover an account',
      description: 'Mails a code. The answer is the same whether or not there is such an account.',
      body: withEmail(family, 'Recovery', email()),
      response: { 204: Type.Null() },
    },
  }, async (request) => {
    await passwordChange.recover(request.body.email, request.ip)
  })

  app.post(`${path}/reset/`, {
    config: { access: 'open', isConditional: true, names: RESET_NAMES },
    schema: {
      summary: 'Reset the password',
      description: 'By a mailed code. Ends all sessions and API tokens, and signs in.',
      body: Type.Object({ code: code(), password: newPassword(), otp: otp() }, { title: 'PasswordReset' }),
      response: { 200: signedIn },
    },
  }, async (request, reply) => {
    const { code: sent, password: next, otp: factor } = request.body
    const answer = await passwordChange.reset({ code: sent, next, otp: factor, address: request.ip }, optionsOf(request),
      (tx, person) => begin(tx, person, originOf(request)))
    return reply.send(answer)
  })
}

export default passwordRoutes
