import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { flagOf } from '../query.ts'
import { idOf, senderOf, sessionOf } from '../request.ts'
import { nullable } from '../shapes.ts'
import { time } from './convert.ts'
import { ListQuery, listOf, toList, windowOf } from './lists.ts'
import type { Whose } from './whose.ts'

const SessionSchema = Type.Object({
  id: Type.Integer(),
  device: Type.String(),
  address: Type.String(),
  createdAt: nullable.string(),
  lastSeenAt: nullable.string(),
  expiresAt: nullable.string(),
  isCurrent: Type.Boolean(),
}, { title: 'PersonSession' })
const tokens = Type.Optional(Type.String({ description: '`true`: all API tokens end as well' }))
const others = Type.Optional(Type.String({ description: '`true`: all but the one that asks' }))
const QUERIES = { '': Type.Object({ tokens }), My: Type.Object({ others, tokens }) }

/** Where somebody is signed in. */
const sessionRoutes: FastifyPluginAsyncTypebox<Whose> = async (app, { path, ownerOf, onRequest, called }) => {
  const { sessions } = app

  app.get(`${path}/sessions/`, {
    schema: {
      operationId: `list${called}Sessions`,
      summary: 'Where somebody is signed in',
      description: 'The newest first.',
      querystring: ListQuery,
      response: { 200: listOf(SessionSchema) },
    },
    onRequest,
  }, async (request, reply) => {
    const owner = ownerOf(request)
    const { window, errors } = windowOf(request)
    const page = await sessions.page(senderOf(request), owner, window, errors)
    return await toList(request, reply, page, ({ id, device, address, createdAt, lastSeenAt, expiresAt }) => ({
      id, device, address, createdAt: time(createdAt), lastSeenAt: time(lastSeenAt), expiresAt: time(expiresAt), isCurrent: id === sessionOf(request),
    }), () => sessions.count(owner))
  })

  app.delete(`${path}/sessions/`, {
    schema: {
      operationId: `end${called}Sessions`,
      summary: 'Sign out everywhere',
      querystring: QUERIES[called],
      response: { 204: Type.Null() },
    },
    onRequest,
  }, async (request) => {
    const [sender, tokens] = [senderOf(request), flagOf(request.query, 'tokens') === true]
    if (flagOf(request.query, 'others') === true) await sessions.revokeOthers(sender, { tokens })
    else await sessions.revokeAll(sender, { tokens }, ownerOf(request))
  })

  app.delete(`${path}/sessions/:session_id/`, {
    schema: { operationId: `end${called}Session`, summary: 'End a session', response: { 204: Type.Null() } },
    onRequest,
  }, async (request) => {
    await sessions.revoke(senderOf(request), idOf(request, 'session_id'), ownerOf(request))
  })
}

export default sessionRoutes
