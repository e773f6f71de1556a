import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { loadTarget, onlySelf, optionsOf, originOf, senderOf } from '../request.ts'
import { code, endTokens, newPassword, otp, password } from '../shapes.ts'
import { email } from './schemas.ts'
import { neverStored, SignedInSchema, toSignedIn } from './tokens.ts'

const CHANGE_NAMES = { password: 'password', new_password: 'newPassword', end_tokens: 'endTokens' }
const RECOVER_NAMES = { email: 'email' }
const RESET_NAMES = { validation_code: 'code', password: 'newPassword', otp: 'otp' }

/** A new password, by the old one or by a mailed code. */
const passwordRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { core: { passwordChange }, sessions } = app

  app.patch('/user/:id/change_password/', {
    config: { isConditional: true, names: CHANGE_NAMES },
    schema: {
      summary: 'Change the password',
      description: 'Ends all sessions but the one that asks.',
      body: Type.Object({ password: password(), new_password: newPassword(), end_tokens: endTokens() }, { title: 'PasswordChange' }),
      response: { 204: Type.Null() },
    },
    onRequest: [loadTarget, onlySelf],
  }, async (request) => {
    const { password: current, new_password: next, end_tokens: ends } = request.body
    await passwordChange.change(senderOf(request), { current, next, endTokens: ends, address: request.ip }, optionsOf(request))
  })

  app.post('/account/recover/', {
    config: { access: 'open', names: RECOVER_NAMES },
    schema: {
      summary: 'Recover an account',
      description: 'Mails a code. The answer is the same whether or not there is such an account.',
      body: Type.Object({ email: email() }, { title: 'CommunityRecovery' }),
      response: { 204: Type.Null() },
    },
  }, async (request) => {
    await passwordChange.recover(request.body.email, request.ip)
  })

  app.post('/account/reset/', {
    config: { access: 'open', isConditional: true, names: RESET_NAMES },
    schema: {
      summary: 'Reset the password',
      description: 'Ends all sessions and API tokens, and begins a new session.',
      body: Type.Object({ validation_code: code(), password: newPassword(), otp: otp() }, { title: 'CommunityPasswordReset' }),
      response: { 200: SignedInSchema },
    },
    onRequest: neverStored,
  }, async (request) => {
    const { validation_code, password: next, otp } = request.body
    const pair = await passwordChange.reset({ code: validation_code, next, otp, address: request.ip }, optionsOf(request), (tx, person) => sessions.begin(tx, person, originOf(request)))
    return toSignedIn(pair, sessions.accessTtl)
  })
}

export default passwordRoutes
