import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TokenPair } from '../../src/core/credentials/sessions.ts'
import { AppError } from '../../src/core/errors.ts'
import type { Account } from '../../src/core/people/users.ts'
import { findingsOf } from '../findings.ts'
import { optionsOf, originOf, senderOf, sessionOf } from '../request.ts'
import { code, otp, password, TOKEN, withExample } from '../shapes.ts'
import { fromBody } from './convert.ts'
import { AddressSchema, SignUpSchema } from './bodies.ts'
import { personFor } from './shown.ts'
import { SignedInSchema, TokensSchema, toTokens } from './tokens-schemas.ts'

const given = () => Type.String({ minLength: 1, format: 'text' })
const SignInSchema = Type.Object({ login: withExample(given(), 'ada'), password: password(), code: otp() }, { title: 'SignIn' })
const RestoreSchema = Type.Object(SignInSchema.properties, { title: 'ComeBack' })
const TicketSchema = Type.Object({ ticket: withExample(given(), 'a ticket'), code: withExample(given(), '123456') }, { title: 'SecondFactorTicket' })
const CodeSchema = Type.Object({ code: code() }, { title: 'MailedCode' })
const RefreshSchema = Type.Object({ refresh: withExample(given(), TOKEN) }, { title: 'Refresh' })

/** From nothing, or from a password, to tokens, and the end of them. */
const signInRoutes: FastifyPluginAsyncTypebox<{ signUp: boolean }> = async (app, { signUp }) => {
  const { core: { users, signIn, signInCodes, deletion, limits }, sessions } = app
  const config = { access: 'open' } as const

  /** As whoever has just signed in will be shown from now on. */
  async function show (request: FastifyRequest, reply: FastifyReply, { account, ...pair }: TokenPair & { account: Account }) {
    reply.header('cache-control', 'no-store')
    return { person: await personFor(request, account, { as: 'self' }), tokens: toTokens(pair, sessions.accessTtl) }
  }

  app.post('/sign-up/', {
    config: { ...config, collectsFindings: true },
    schema: { operationId: 'signUp', summary: 'Sign up', body: SignUpSchema, response: { 201: SignedInSchema } },
    onRequest: async ({ ip: address }) => {
      if (!signUp) throw new AppError('permission_denied')
      await limits.signUp({ address })
    },
  }, async (request, reply) => {
    const errors = findingsOf(request)
    const { password, ...profile } = request.body
    const person = { attributes: {}, ...fromBody(profile), password }
    const options = { ...optionsOf(request), errors, address: request.ip }
    return await show(request, reply, await users.create(null, person, options, (tx, person) => sessions.begin(tx, person, originOf(request))))
  })

  app.post('/sign-in/', {
    config: { ...config, names: { login: 'name', password: 'password', code: 'otp' } },
    schema: {
      operationId: 'signIn',
      summary: 'Sign in',
      description: '`login` is a username or an email address. With a second factor on, and without its code: 401 `second_factor_required` with a ticket.',
      body: SignInSchema,
      response: { 200: SignedInSchema },
    },
  }, async (request, reply) => {
    const { login, password, code } = request.body
    const company = { otp: code, wantsTicket: true, ...originOf(request) }
    return await show(request, reply, await signIn.byPassword({ name: login }, password, company, sessions.begin))
  })

  app.post('/sign-in/second-factor/', {
    config: { ...config, names: { ticket: 'ticket', code: 'otp' } },
    schema: {
      operationId: 'signInWithSecondFactor',
      summary: 'Sign in by a ticket and a code',
      description: 'The ticket of `second_factor_required`: for five minutes, for one sign-in.',
      body: TicketSchema,
      response: { 200: SignedInSchema },
    },
  }, async (request, reply) => {
    const { ticket, code } = request.body
    return await show(request, reply, await signIn.byTicket(ticket, code, originOf(request), sessions.begin))
  })

  app.post('/sign-in/code/', {
    config,
    schema: {
      operationId: 'requestSignInCode',
      summary: 'Ask for a code to sign in with',
      description: 'The answer is the same whether or not there is such an account.',
      body: AddressSchema,
      response: { 204: Type.Null() },
    },
  }, async (request) => {
    await signInCodes.askByEmail(request.body.email, request.ip)
  })

  app.post('/sign-in/code/confirm/', {
    config,
    schema: { operationId: 'signInWithCode', summary: 'Sign in by a mailed code', body: CodeSchema, response: { 200: SignedInSchema } },
  }, async (request, reply) =>
    await show(request, reply, await signIn.byCode(request.body.code, { wantsTicket: true, ...originOf(request) }, sessions.begin)))

  app.post('/restore/', {
    config: { ...config, names: { login: 'name', password: 'password', code: 'otp' } },
    schema: {
      operationId: 'comeBack',
      summary: 'Come back',
      description: 'Within thirty days of leaving. Who was deleted by somebody else is brought back by admins alone.',
      body: RestoreSchema,
      response: { 200: SignedInSchema },
    },
  }, async (request, reply) => {
    const { login, password, code } = request.body
    const shown = { login: { name: login }, password, otp: code }
    return await show(request, reply, await deletion.restoreOwn(shown, originOf(request), optionsOf(request), sessions.begin))
  })

  app.post('/refresh/', {
    config,
    schema: {
      operationId: 'refresh',
      summary: 'Refresh tokens',
      description: 'A token that was spent less than half a minute ago yields the current pair of its session; one that was spent earlier ends the session.',
      body: RefreshSchema,
      response: { 200: TokensSchema },
    },
  }, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    return toTokens(await sessions.refresh(request.body.refresh), sessions.accessTtl)
  })

  app.post('/sign-out/', {
    schema: {
      operationId: 'signOut',
      summary: 'Sign out',
      description: 'Ends the session of the token that is sent. A token that belongs to no session: 403.',
      response: { 204: Type.Null() },
    },
  }, async (request) => {
    const id = sessionOf(request)
    if (id === undefined) throw new AppError('permission_denied')
    await sessions.revoke(senderOf(request), id)
  })
}

export default signInRoutes
