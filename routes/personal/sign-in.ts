import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AppError } from '../../src/core/errors.ts'
import { findingsOf } from '../findings.ts'
import { optionsOf, originOf } from '../request.ts'
import { fromBody } from './convert.ts'
import { sendRefreshError, sendSignInError } from './errors.ts'
import { PairSchema, RefreshedSchema, RefreshSchema, SIGN_UP_NAMES, SignedInSchema, SignInSchema, SignUpSchema, TokenSchema } from './schemas.ts'
import { userOf } from './shown.ts'

/** From nothing, or from a password, to tokens. */
const signIn: FastifyPluginAsyncTypebox<{ signUp: boolean }> = async (app, { signUp }) => {
  const { core, sessions } = app
  const { users, limits } = core
  const config = { access: 'open' } as const

  app.post('/sign-up/', {
    config: { ...config, names: SIGN_UP_NAMES, collectsFindings: true },
    schema: { summary: 'Sign Up', body: SignUpSchema, response: { 201: SignedInSchema } },
    onRequest: async ({ ip: address }) => {
      if (!signUp) throw new AppError('permission_denied')
      await limits.signUp({ address })
    },
  }, async (request) => {
    const errors = findingsOf(request)
    const { password, ...profile } = request.body
    const { account, ...pair } = await users.create(null, { attributes: {}, ...fromBody(profile), password }, { ...optionsOf(request), errors, address: request.ip }, (tx, person) => sessions.begin(tx, person, originOf(request)))
    return { ...pair, user: userOf(app, account) }
  })

  app.post('/sign-in/', {
    config,
    schema: { summary: 'Sign In', body: SignInSchema, response: { 200: SignedInSchema } },
    errorHandler: sendSignInError,
  }, async (request) => {
    const { email, password, otp } = request.body
    const { account, ...pair } = await core.signIn.byPassword({ email }, password, { otp, ...originOf(request) }, sessions.begin)
    return { ...pair, user: userOf(app, account) }
  })

  app.post('/token/', {
    config,
    schema: { summary: 'Obtain Tokens', body: TokenSchema, response: { 200: PairSchema } },
  }, async (request) => {
    const { username, password, otp } = request.body
    const { access, refresh } = await core.signIn.byPassword({ username }, password, { otp, ...originOf(request) }, sessions.begin)
    return { refresh, access }
  })

  app.post('/token/refresh/', {
    config,
    schema: { summary: 'Refresh Tokens', description: 'A token that was spent less than half a minute ago yields the current pair of its session; one that was spent earlier ends the session.', body: RefreshSchema, response: { 200: RefreshedSchema } },
    errorHandler: sendRefreshError,
  }, async (request) => await sessions.refresh(request.body.refresh))
}

export default signIn
