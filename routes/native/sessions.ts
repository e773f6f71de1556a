import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { flagOf } from '../query.ts'
import { idOf, senderOf, sessionOf } from '../request.ts'
import { nullable } from '../shapes.ts'
import { time } from './convert.ts'

const SessionSchema = Type.Object({
  id: Type.Integer(),
  device: Type.String(),
  address: Type.String(),
  createdAt: nullable.string(),
  lastSeenAt: nullable.string(),
  expiresAt: nullable.string(),
  isCurrent: Type.Boolean(),
}, { title: 'PersonSession' })
const EndQuery = Type.Object({
  others: Type.Optional(Type.String({ description: '`true`: all but the one that asks' })),
  tokens: Type.Optional(Type.String({ description: '`true`: all API tokens end as well' })),
})

/** Where one is signed in. */
const sessionRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { sessions } = app

  app.get('/me/sessions/', {
    schema: {
      operationId: 'listMySessions',
      summary: 'Where one is signed in',
      response: { 200: Type.Array(SessionSchema, { description: 'The newest first.' }) },
    },
  }, async (request) => (await sessions.list(senderOf(request).id)).map(({ id, device, address, createdAt, lastSeenAt, expiresAt }) => ({
    id, device, address, createdAt: time(createdAt), lastSeenAt: time(lastSeenAt), expiresAt: time(expiresAt), isCurrent: id === sessionOf(request),
  })))

  app.delete('/me/sessions/', {
    schema: { operationId: 'endMySessions', summary: 'Sign out everywhere', querystring: EndQuery, response: { 204: Type.Null() } },
  }, async (request) => {
    const tokens = flagOf(request.query, 'tokens') === true
    await (flagOf(request.query, 'others') === true ? sessions.revokeOthers : sessions.revokeAll)(senderOf(request), { tokens })
  })

  app.delete('/me/sessions/:id/', {
    schema: { operationId: 'endMySession', summary: 'End a session', response: { 204: Type.Null() } },
  }, async (request) => {
    await sessions.revoke(senderOf(request), idOf(request))
  })
}

export default sessionRoutes
