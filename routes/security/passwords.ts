import { Type } from '@sinclair/typebox'
import type { TSchema } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { refuse } from '../../src/core/errors.ts'
import type { Begin } from '../../src/core/sessions.ts'
import { findingsOf } from '../findings.ts'
import { optionsOf, originOf, senderOf } from '../request.ts'
import { code, endTokens, newPassword, otp, password } from '../shapes.ts'
import { withEmail } from './emails.ts'
import type { AddressVoice } from './emails.ts'

interface PasswordVoice extends AddressVoice {
  /** Signs in whoever has set a password by a code, and answers as `signedIn` says. */
  begin: Begin<unknown>
  signedIn: TSchema
}

const CHANGE_NAMES = { password: 'password', new_password: 'newPassword', end_tokens: 'endTokens' }
const RECOVER_NAMES = { email: 'email' }
const RESET_NAMES = { code: 'code', password: 'newPassword', otp: 'otp' }

/** A new password, by the old one or by a mailed code, for the families whose originals have no such endpoints. */
const passwordRoutes: FastifyPluginAsyncTypebox<PasswordVoice> = async (app, { family, path, tags, problems, email, sendErrorIn, begin, signedIn }) => {
  const { passwordChange } = app.core

  app.post(`${path}/change/`, {
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
  }, async (request, reply) => {
    refuse(findingsOf(request, CHANGE_NAMES))
    const { password: current, new_password: next, end_tokens: ends } = request.body
    await passwordChange.change(senderOf(request), { current, next, endTokens: ends, address: request.ip }, optionsOf(request, family))
    return reply.code(204).send(null)
  })

  app.post(`${path}/recover/`, {
    config: { access: 'open' },
    schema: {
      tags,
      summary: 'Recover an account',
      description: 'Mails a code. The answer is the same whether or not there is such an account.',
      body: withEmail(family, 'Recovery', email()),
      response: { 204: Type.Null(), ...problems },
    },
    attachValidation: true,
    errorHandler: sendErrorIn(RECOVER_NAMES),
  }, async (request, reply) => {
    refuse(findingsOf(request, RECOVER_NAMES))
    await passwordChange.recover(request.body.email, request.ip)
    return reply.code(204).send(null)
  })

  app.post(`${path}/reset/`, {
    config: { access: 'open', isConditional: true },
    schema: {
      tags,
      summary: 'Reset the password',
      description: 'By a mailed code. Ends all sessions and API tokens, and signs in.',
      body: Type.Object({ code: code(), password: newPassword(), otp: otp() }, { title: 'PasswordReset' }),
      response: { 200: signedIn, ...problems },
    },
    attachValidation: true,
    errorHandler: sendErrorIn(RESET_NAMES),
  }, async (request, reply) => {
    refuse(findingsOf(request, RESET_NAMES))
    const { code: sent, password: next, otp: factor } = request.body
    const answer = await passwordChange.reset({ code: sent, next, otp: factor, address: request.ip }, optionsOf(request, family),
      (tx, person) => begin(tx, person, originOf(request)))
    return reply.send(answer)
  })

  app.answerOtherMethods()
}

export default passwordRoutes
