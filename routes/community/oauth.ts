import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { refuse } from '../../src/core/errors.ts'
import type { FieldError } from '../../src/core/errors.ts'
import { findingsOf } from '../findings.ts'
import { originOf } from '../request.ts'
import { choice, otp, password, withExample } from '../shapes.ts'
import { sendGrantError } from './grant-errors.ts'
import { ErrorsSchema } from './schemas.ts'
import { neverStored, TokenSchema, toToken } from './tokens.ts'

const text = () => Type.String({ minLength: 1, format: 'text' })
const GrantSchema = Type.Object({
  grant_type: withExample(choice('password', 'refresh_token'), 'password'),
  username: Type.Optional(withExample(text(), 'ada')),
  password: Type.Optional(password()),
  otp: otp(),
  refresh_token: Type.Optional(text()),
}, { title: 'CommunityGrant' })
const NEEDED = { password: ['username', 'password'], refresh_token: ['refresh_token'] }

const GrantErrorsSchema = Type.Object({
  ...ErrorsSchema.properties,
  error: Type.Optional(Type.String()),
  error_description: Type.Optional(Type.String()),
}, { title: 'CommunityGrantErrors', description: 'Nothing is granted; `error` says why in the words of RFC 6749.' })

/** Signing in as clients of the original do, outside `/api/v2`: RFC 6749, the grants `password` and `refresh_token`. */
const oauth: FastifyPluginAsyncTypebox = async (app) => {
  const { core, sessions } = app

  /** What the schema finds, and what this grant needs beyond it. */
  function requireGrant (request: FastifyRequest<{ Body: Partial<Static<typeof GrantSchema>> }>): void {
    const found = findingsOf(request)
    const names = new Set([...found.map(({ field }) => field), ...Object.keys(request.body)])
    const missing = (request.body.grant_type === undefined ? [] : NEEDED[request.body.grant_type]).filter((name) => !names.has(name))
    refuse([...found, ...missing.map((field): FieldError => ({ field, code: 'required' }))])
  }

  app.post('/token/', {
    config: { access: 'open', collectsFindings: true },
    schema: {
      summary: 'Obtain tokens',
      body: GrantSchema,
      response: { 200: TokenSchema, 400: GrantErrorsSchema },
    },
    errorHandler: sendGrantError,
    onRequest: neverStored,
  }, async (request) => {
    requireGrant(request)
    const { grant_type: grant, username = '', password = '', otp, refresh_token: token = '' } = request.body
    const pair = grant === 'password'
      ? await core.signIn.byPassword({ name: username }, password, { otp, ...originOf(request) }, sessions.begin)
      : await sessions.refresh(token)
    return toToken(pair, sessions.accessTtl)
  })
}

export default oauth
