import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { CODE_TTL } from '../../src/core/sign-in/codes.ts'
import { AppError } from '../../src/core/errors.ts'
import type { FieldError } from '../../src/core/errors.ts'
import { FIELDS } from '../../src/core/fields/index.ts'
import { findingsOf } from '../findings.ts'
import { optionsOf, originOf } from '../request.ts'
import { code, otp, password, text, withExample } from '../shapes.ts'
import { sendSignInError } from './errors.ts'
import { email, TokenSchema, username } from './schemas.ts'

const SIGN_IN_NAMES = { username: 'username', password: 'password', otp: 'otp' }
const SIGN_UP_NAMES = { username: 'username', email: 'email', password1: 'password', password2: 'passwordAgain' }
const NUMBER_NAMES = { mobile_number: 'phone' }
const CODE_NAMES = { code: 'code', otp: 'otp' }
const given = () => Type.String({ minLength: 1, format: 'text' })

/** From nothing, from a password or from a mailed code, to a token of forty hex digits that lives as long as its session. */
const signInRoutes: FastifyPluginAsyncTypebox<{ signUp: boolean }> = async (app, { signUp }) => {
  const { core: { users, signIn, signInCodes, limits }, sessions } = app
  const config = { access: 'open' } as const
  const signedIn = { 200: TokenSchema }

  app.post('/auth/pwd/signin/', {
    config: { ...config, names: SIGN_IN_NAMES },
    schema: { summary: 'Sign in', body: Type.Object({ username: withExample(given(), 'grace'), password: password(), otp: otp() }, { title: 'StaffSignIn' }), response: signedIn },
    errorHandler: sendSignInError,
  }, async (request) => {
    const { username: name, password: secret, otp: factor } = request.body
    const { secret: token } = await signIn.byPassword({ username: name }, secret, { otp: factor, ...originOf(request) }, sessions.beginWithKey)
    return { token }
  })

  app.post('/auth/pwd/signup/', {
    config: { ...config, names: SIGN_UP_NAMES, collectsFindings: true },
    schema: {
      summary: 'Sign up',
      body: Type.Object({ username: username(), password1: password(), password2: password(), email: Type.Optional(email()) }, { title: 'StaffSignUp' }),
      response: { 200: Type.Unsafe<undefined>(Type.Null({ description: 'The account is there. The answer has no body.' })) },
    },
    onRequest: async ({ ip: address }) => {
      if (!signUp) throw new AppError('permission_denied')
      await limits.signUp({ address })
    },
  }, async (request, reply) => {
    const errors: FieldError[] = findingsOf(request)
    const { username: name, email: address, password1, password2 } = request.body
    const isSame = password1 === undefined || password2 === undefined || password1 === password2
    if (!isSame) errors.push({ field: 'passwordAgain', code: 'passwords_differ' })
    await users.create(null, { username: name, ...address && { email: address }, password: password1 }, { ...optionsOf(request), errors, address: request.ip })
    // Without a body (CONTRACT §3.4).
    return reply.code(200).send(undefined)
  })

  app.post('/auth/otp/signin/', {
    config: { ...config, names: NUMBER_NAMES },
    schema: {
      summary: 'Ask for a code to sign in with',
      description: 'Everybody with this number is mailed a code of their own, five people at most. The answer is the same whether or not there is anybody.',
      body: Type.Object({ mobile_number: withExample(text('phone', { required: true, max: FIELDS.phone.max }), '+1-555-0157') }, { title: 'StaffCodeRequest' }),
      response: { 200: Type.Object({ ttl: Type.Integer({ description: 'seconds' }) }, { title: 'StaffCodeAsked', description: 'For how long the code counts.' }) },
    },
  }, async (request) => {
    await signInCodes.ask(request.body.mobile_number, request.ip)
    return { ttl: CODE_TTL.sign_in }
  })

  app.post('/auth/otp/verify/', {
    config: { ...config, names: CODE_NAMES },
    schema: { summary: 'Sign in by a mailed code', body: Type.Object({ code: code(), otp: otp() }, { title: 'StaffCodeSignIn' }), response: signedIn },
  }, async (request) => {
    const { secret: token } = await signIn.byCode(request.body.code, { otp: request.body.otp, ...originOf(request) }, sessions.beginWithKey)
    return { token }
  })
}

export default signInRoutes
