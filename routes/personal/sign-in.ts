import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AppError, refuse } from '../../src/core/errors.ts'
import { findingsOf } from '../findings.ts'
import { originOf } from '../request.ts'
import { fromBody, toUser } from './convert.ts'
import { sendErrorIn, sendRefreshError, sendSignInError } from './errors.ts'
import { NAMES, PairSchema, problems, RefreshedSchema, RefreshSchema, SIGN_UP_NAMES, SignedInSchema, SignInSchema, SignUpSchema, TokenSchema } from './schemas.ts'

/** From nothing, or from a password, to tokens. */
const signIn: FastifyPluginAsyncTypebox<{ signUp: boolean }> = async (app, { signUp }) => {
  const { core, sessions, media: { path } } = app
  const { users, limits } = core
  const config = { access: 'open' } as const
  const tags = ['personal']

  app.post('/sign-up/', {
    config,
    schema: { tags, summary: 'Sign Up', body: SignUpSchema, response: { 201: SignedInSchema, ...problems } },
    attachValidation: true,
    errorHandler: sendErrorIn(SIGN_UP_NAMES),
    onRequest: async ({ ip: address }) => {
      if (!signUp) throw new AppError('permission_denied')
      limits.signUp({ address })
    },
  }, async (request, reply) => {
    const errors = findingsOf(request, SIGN_UP_NAMES)
    const { password, ...profile } = request.body
    const { account, ...pair } = await users.create(null, { attributes: {}, ...fromBody(profile), password }, { family: 'personal', errors, address: request.ip }, (tx, person) => sessions.begin(tx, person, originOf(request)))
    return reply.code(201).send({ ...pair, user: toUser(account, { picturePath: path, declared: users.declared() }) })
  })

  app.post('/sign-in/', {
    config,
    schema: { tags, summary: 'Sign In', body: SignInSchema, response: { 200: SignedInSchema, ...problems } },
    attachValidation: true,
    errorHandler: sendSignInError,
  }, async (request) => {
    refuse(findingsOf(request, NAMES))
    const { email, password, otp } = request.body
    const { account, ...pair } = await core.signIn.byPassword({ email }, password, { otp, ...originOf(request) }, sessions.begin)
    return { ...pair, user: toUser(account, { picturePath: path, declared: users.declared() }) }
  })

  app.post('/token/', {
    config,
    schema: { tags, summary: 'Obtain Tokens', body: TokenSchema, response: { 200: PairSchema, ...problems } },
    attachValidation: true,
  }, async (request) => {
    refuse(findingsOf(request, NAMES))
    const { username, password, otp } = request.body
    const { access, refresh } = await core.signIn.byPassword({ username }, password, { otp, ...originOf(request) }, sessions.begin)
    return { refresh, access }
  })

  app.post('/token/refresh/', {
    config,
    schema: { tags, summary: 'Refresh Tokens', description: 'A token that was spent less than half a minute ago yields the current pair of its session; one that was spent earlier ends the session.', body: RefreshSchema, response: { 200: RefreshedSchema, ...problems } },
    attachValidation: true,
    errorHandler: sendRefreshError,
  }, async (request) => {
    refuse(findingsOf(request, { refresh: 'refresh' }))
    return await sessions.refresh(request.body.refresh)
  })

  app.answerOtherMethods()
}

export default signIn
