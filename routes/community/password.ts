import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { refuse } from '../../src/core/errors.ts'
import { findingsOf } from '../findings.ts'
import { optionsOf, originOf, senderOf } from '../request.ts'
import { code, endTokens, newPassword, otp, password } from '../shapes.ts'
import { sendErrorIn } from './errors.ts'
import { email, problems } from './schemas.ts'
import { loadTarget, onlySelf } from './target.ts'
import { neverStored, SignedInSchema, toSignedIn } from './tokens.ts'

const CHANGE_NAMES = { password: 'password', new_password: 'newPassword', end_tokens: 'endTokens' }
const RECOVER_NAMES = { email: 'email' }
const RESET_NAMES = { validation_code: 'code', password: 'newPassword', otp: 'otp' }

/** A new password, by the old one or by a mailed code. */
const passwordRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { core: { passwordChange }, sessions } = app
  const tags = ['community']

  app.patch('/user/:id/change_password/', {
    config: { isConditional: true },
    schema: {
      tags,
      summary: 'Change the password',
      description: 'Ends all sessions but the one that asks.',
      body: Type.Object({ password: password(), new_password: newPassword(), end_tokens: endTokens() }, { title: 'PasswordChange' }),
      response: { 204: Type.Null(), ...problems },
    },
    attachValidation: true,
    errorHandler: sendErrorIn(CHANGE_NAMES),
    onRequest: [loadTarget, onlySelf],
  }, async (request, reply) => {
    refuse(findingsOf(request, CHANGE_NAMES))
    const { password: current, new_password: next, end_tokens: ends } = request.body
    await passwordChange.change(senderOf(request), { current, next, endTokens: ends, address: request.ip }, optionsOf(request, 'community'))
    return reply.code(204).send(null)
  })

  app.post('/account/recover/', {
    config: { access: 'open' },
    schema: {
      tags,
      summary: 'Recover an account',
      description: 'Mails a code. The answer is the same whether or not there is such an account.',
      body: Type.Object({ email: email() }, { title: 'CommunityRecovery' }),
      response: { 204: Type.Null(), ...problems },
    },
    attachValidation: true,
    errorHandler: sendErrorIn(RECOVER_NAMES),
  }, async (request, reply) => {
    refuse(findingsOf(request, RECOVER_NAMES))
    await passwordChange.recover(request.body.email, request.ip)
    return reply.code(204).send(null)
  })

  app.post('/account/reset/', {
    config: { access: 'open', isConditional: true },
    schema: {
      tags,
      summary: 'Reset the password',
      description: 'Ends all sessions and API tokens, and begins a new session.',
      body: Type.Object({ validation_code: code(), password: newPassword(), otp: otp() }, { title: 'CommunityPasswordReset' }),
      response: { 200: SignedInSchema, ...problems },
    },
    attachValidation: true,
    errorHandler: sendErrorIn(RESET_NAMES),
    onRequest: neverStored,
  }, async (request) => {
    refuse(findingsOf(request, RESET_NAMES))
    const { validation_code, password: next, otp } = request.body
    const pair = await passwordChange.reset({ code: validation_code, next, otp, address: request.ip }, optionsOf(request, 'community'), (tx, person) => sessions.begin(tx, person, originOf(request)))
    return toSignedIn(pair, sessions.accessTtl)
  })

  app.answerOtherMethods()
}

export default passwordRoutes
