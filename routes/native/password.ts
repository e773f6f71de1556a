import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { onlyProven, optionsOf, originOf, senderOf } from '../request.ts'
import { code, endTokens, newPassword, otp } from '../shapes.ts'
import { conflict } from './problems.ts'
import { AddressSchema } from './bodies.ts'
import { personFor } from './shown.ts'
import { SignedInSchema, toTokens } from './tokens-schemas.ts'

const ChangeSchema = Type.Object({ newPassword: newPassword(), endTokens: endTokens() }, { title: 'NewPassword' })
const ResetSchema = Type.Object({ code: code(), password: newPassword(), secondFactor: otp() }, { title: 'ForgottenPassword' })

/** A new password, by the old one or by a mailed code. */
const passwordRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { core: { passwordChange, users }, sessions } = app

  app.put('/me/password/', {
    config: { isConditional: true, names: { newPassword: 'newPassword', endTokens: 'endTokens' } },
    schema: {
      operationId: 'setMyPassword',
      summary: 'Change the password',
      description: 'Ends all sessions but the one that asks.',
      body: ChangeSchema,
      response: { 204: Type.Null(), ...conflict },
    },
    onRequest: onlyProven,
  }, async (request) => {
    const { newPassword: next, endTokens: ends } = request.body
    await passwordChange.change(senderOf(request), { next, endTokens: ends, address: request.ip }, optionsOf(request))
  })

  app.post('/password/recover/', {
    config: { access: 'open' },
    schema: {
      operationId: 'recoverPassword',
      summary: 'Ask for a code to choose a new password',
      description: 'The answer is the same whether or not there is such an account.',
      body: AddressSchema,
      response: { 204: Type.Null() },
    },
  }, async (request) => {
    await passwordChange.recover(request.body.email, request.ip)
  })

  app.post('/password/reset/', {
    config: { access: 'open', isConditional: true, names: { code: 'code', password: 'newPassword', secondFactor: 'otp' } },
    schema: {
      operationId: 'resetPassword',
      summary: 'Choose a new password by a mailed code',
      description: 'Ends all sessions and API tokens, and signs in.',
      body: ResetSchema,
      response: { 200: SignedInSchema, ...conflict },
    },
  }, async (request, reply) => {
    const { code, password: next, secondFactor: otp } = request.body
    const begin = (tx: Parameters<typeof sessions.begin>[0], person: { id: number }) => sessions.begin(tx, person, originOf(request))
    const { account, ...pair } = await passwordChange.reset({ code, next, otp, address: request.ip }, optionsOf(request), begin)
    reply.header('cache-control', 'no-store')
    return { person: await personFor(request, await users.get(account.id), { as: 'self' }), tokens: toTokens(pair, sessions.accessTtl) }
  })
}

export default passwordRoutes
