import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { optionsOf, originOf } from '../request.ts'
import { code, otp } from '../shapes.ts'
import { neverStored, SignedInSchema, toSignedIn } from './tokens.ts'

const VERIFY_NAMES = { validation_code: 'code', otp: 'otp' }

/** Accounts as their owners prove to be reached. */
const verifyRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { core, sessions } = app

  app.post('/account/verify/', {
    config: { access: 'open', isConditional: true, names: VERIFY_NAMES },
    schema: {
      summary: 'Verify an account',
      description: 'Confirms the address that the code was mailed to, and signs in.',
      body: Type.Object({ validation_code: code(), otp: otp() }, { title: 'CommunityVerification' }),
      response: { 200: SignedInSchema },
    },
    onRequest: neverStored,
  }, async (request) => {
    const { validation_code, otp } = request.body
    const pair = await core.signIn.byConfirming(validation_code, { otp, ...originOf(request) }, optionsOf(request), sessions.begin)
    return toSignedIn(pair, sessions.accessTtl)
  })

  app.post('/account/revert_email/', {
    config: { access: 'open', isConditional: true, names: VERIFY_NAMES },
    schema: {
      summary: 'Take back a change of the email address',
      description: 'By the code that was mailed to the old address. It is put back, all sessions and API tokens end, and a code for a new password is mailed to it.',
      body: Type.Object({ validation_code: code() }, { title: 'CommunityEmailReversal' }),
      response: { 204: Type.Null() },
    },
  }, async (request) => {
    await core.emailReversal.revert(request.body.validation_code, optionsOf(request))
  })
}

export default verifyRoutes
