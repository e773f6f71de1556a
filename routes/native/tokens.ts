import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import type { Keys } from '../../src/core/credentials/keys.ts'
import { KEY_NAME_MAX, TTL_MAX_S } from '../../src/core/fields/index.ts'
import { findingsOf } from '../findings.ts'
import { idOf, onlyProven, senderOf } from '../request.ts'
import { nullable, withExample } from '../shapes.ts'
import { time } from './convert.ts'
import { ListQuery, listOf, toList, windowOf } from './lists.ts'

const token = {
  id: Type.Integer(),
  name: Type.String(),
  prefix: Type.String(),
  createdAt: nullable.string(),
  expiresAt: nullable.string(),
  lastUsedAt: nullable.string(),
  revokedAt: nullable.string(),
}
const TokenSchema = Type.Object(token, { title: 'Token' })
const NewTokenSchema = Type.Object({ ...token, token: Type.String() }, { title: 'NewToken', description: 'The token, which is shown this once.' })
const CreateSchema = Type.Object({
  name: withExample(Type.String({ minLength: 1, maxLength: KEY_NAME_MAX, format: 'text' }), 'backup job'),
  expiresIn: Type.Optional(Type.Integer({ minimum: 1, maximum: TTL_MAX_S, description: 'seconds; absent: until it is revoked', examples: [86_400] })),
}, { title: 'TokenCreate' })

interface Options {
  /** Whose tokens: one's own, or for admins those of the person that the path names. */
  path: string
  ownerOf: (request: FastifyRequest) => number
  onRequest: onRequestAsyncHookHandler[]
  /** What the operations are called after their verb. */
  called: string
}

/** API tokens. */
const tokenRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { path, ownerOf, onRequest, called }) => {
  const { keys } = app.core

  const toToken = ({ id, name, prefix, createdAt, expiresAt, lastUsedAt, revokedAt }: Awaited<ReturnType<Keys['list']>>[number]) =>
    ({ id, name, prefix, createdAt: time(createdAt), expiresAt: time(expiresAt), lastUsedAt: time(lastUsedAt), revokedAt: time(revokedAt) })

  app.get(`${path}/`, {
    schema: {
      operationId: `list${called}s`,
      summary: 'API tokens',
      description: 'The newest first, without what they are sent as.',
      querystring: ListQuery,
      response: { 200: listOf(TokenSchema) },
    },
    onRequest,
  }, async (request, reply) => {
    const owner = ownerOf(request)
    const { window, errors } = windowOf(request)
    const page = await keys.page(senderOf(request), owner, window, errors)
    return await toList(request, reply, page, toToken, () => keys.count(owner))
  })

  app.post(`${path}/`, {
    config: { names: { name: 'name', expiresIn: 'expiresIn' }, collectsFindings: true },
    schema: {
      operationId: `create${called}`,
      summary: 'Create an API token',
      description: 'In a session, with fresh proof. Its owner is told by email.',
      body: CreateSchema,
      response: { 201: NewTokenSchema },
    },
    onRequest: [onlyProven, ...onRequest],
  }, async (request, reply) => {
    const errors = findingsOf(request)
    const { name, expiresIn } = request.body
    const token = { name, ...expiresIn !== undefined && { expiresIn } }
    const made = await keys.createBy(senderOf(request), ownerOf(request), token, { address: request.ip }, errors)
    reply.header('cache-control', 'no-store')
    return { ...toToken(made.key), token: made.secret }
  })

  app.delete(`${path}/:token_id/`, {
    schema: { operationId: `revoke${called}`, summary: 'Revoke an API token', response: { 204: Type.Null() } },
    onRequest,
  }, async (request) => {
    await keys.revokeBy(senderOf(request), ownerOf(request), idOf(request, 'token_id'))
  })
}

export default tokenRoutes
