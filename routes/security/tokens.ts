import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { KEY_NAME_MAX, LISTED_MAX, TTL_MAX_S } from '../../src/core/fields/index.ts'
import { requireSession } from '../../src/core/credentials/keys.ts'
import type { Keys } from '../../src/core/credentials/keys.ts'
import { findingsOf } from '../findings.ts'
import { idOf, senderOf } from '../request.ts'
import { isoTime, nullable, otp, password, withExample } from '../shapes.ts'

const TokenSchema = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  prefix: Type.String(),
  created_at: Type.String(),
  expires_at: nullable.string(),
  last_used_at: nullable.string(),
  revoked_at: nullable.string(),
}, { title: 'ApiToken' })
const NewTokenSchema = Type.Object({ ...TokenSchema.properties, token: Type.String() }, { title: 'NewApiToken', description: 'The token, which is shown this once.' })

const BodySchema = Type.Object({
  name: withExample(Type.String({ minLength: 1, maxLength: KEY_NAME_MAX, format: 'text' }), 'backup job'),
  expires_in: Type.Optional(Type.Integer({ minimum: 1, maximum: TTL_MAX_S, description: 'seconds; absent: until it is revoked', examples: [86_400] })),
  password: Type.Optional(password()),
  otp: otp(),
}, { title: 'ApiTokenCreate' })

type Key = Awaited<ReturnType<Keys['list']>>[number]

const time = (at: number | null) => at === null ? null : isoTime(at)
const toToken = (key: Key): Static<typeof TokenSchema> => ({
  id: key.id,
  name: key.name,
  prefix: key.prefix,
  created_at: isoTime(key.createdAt),
  expires_at: time(key.expiresAt),
  last_used_at: time(key.lastUsedAt),
  revoked_at: time(key.revokedAt),
})

interface Options {
  /** Whose tokens: one's own, or for admins those of the person that the path names. */
  ownerOf: (request: FastifyRequest) => number
  /** Looks that person up before the body is read. */
  load?: onRequestAsyncHookHandler
  /** Goes behind what the API document calls these routes. */
  whose?: string
}

/** API tokens: shown once, when they are made. */
const tokenRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { ownerOf, load = async () => {}, whose = '' }) => {
  const { keys } = app.core
  const onRequest = load

  app.get('/tokens/', {
    schema: { summary: `List API tokens${whose}`, response: { 200: Type.Array(TokenSchema, { description: `The tokens, without what they are sent as: the newest ${LISTED_MAX}, and of more than that the revoked ones are left out first.` }) } },
    onRequest,
  }, async (request) => (await keys.list(ownerOf(request))).map(toToken))

  app.post('/tokens/', {
    config: { collectsFindings: true },
    schema: {
      summary: `Create an API token${whose}`,
      description: 'In a session, with your own password or a code of your second factor. Its owner is told by email.',
      body: BodySchema,
      response: { 201: NewTokenSchema },
    },
    onRequest: [async (request) => requireSession(senderOf(request)), onRequest],
  }, async (request) => {
    const errors = findingsOf(request)
    const { name, expires_in: expiresIn, password: secretWord, otp: factor } = request.body
    const token = { name, ...expiresIn !== undefined && { expiresIn } }
    const { key, secret } = await keys.createBy(senderOf(request), ownerOf(request), token, { password: secretWord, otp: factor || undefined, address: request.ip }, errors)
    return { ...toToken(key), token: secret }
  })

  app.delete('/tokens/:token_id/', {
    schema: { summary: `Revoke an API token${whose}`, response: { 204: Type.Null() } },
    onRequest,
  }, async (request) => {
    await keys.revokeBy(senderOf(request), ownerOf(request), idOf(request, 'token_id'))
  })
}

export default tokenRoutes
