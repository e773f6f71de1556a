import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AppError, refuse } from '../../src/core/errors.ts'
import { LISTED_MAX } from '../../src/core/fields/index.ts'
import { findingsOf } from '../findings.ts'
import { flagOf, textOf } from '../query.ts'
import { idOf, senderOf, sessionOf } from '../request.ts'
import { endTokens, isoTime, nullable } from '../shapes.ts'

const SessionSchema = Type.Object({
  id: Type.Integer(),
  device: Type.String(),
  address: Type.String(),
  created_at: Type.String(),
  last_seen_at: nullable.string(),
  expires_at: Type.String(),
  is_current: Type.Boolean(),
}, { title: 'Session' })
const EndSchema = Type.Object({ tokens: endTokens() }, { title: 'SessionsEnd' })

/** Where one is signed in, and signing out: here, there, everywhere. */
const sessionRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { sessions } = app
  const ended = { 204: Type.Null() }

  app.get('/sessions/', {
    schema: { summary: 'List sessions', response: { 200: Type.Array(SessionSchema, { description: `Where the person is signed in, the newest first: ${LISTED_MAX} at most.` }) } },
  }, async (request) => {
    const found = await sessions.list(senderOf(request).id)
    return found.map(({ id, device, address, createdAt, lastSeenAt, expiresAt }) => ({
      id,
      device,
      address,
      created_at: isoTime(createdAt),
      last_seen_at: lastSeenAt === null ? null : isoTime(lastSeenAt),
      expires_at: isoTime(expiresAt),
      is_current: id === sessionOf(request),
    }))
  })

  app.delete('/sessions/', {
    config: { collectsFindings: true },
    schema: {
      summary: 'End all sessions',
      description: 'API tokens go on, unless the body or the query says `tokens: true`.',
      querystring: Type.Object({ tokens: Type.Optional(Type.String({ description: 'instead of the body' })) }),
      body: EndSchema,
      response: ended,
    },
  }, async (request) => {
    const asked = flagOf(request.query, 'tokens')
    // Elsewhere a query that is no use is as if it had not been sent; here somebody would believe that it was done.
    const isUnclear = textOf(request.query, 'tokens') !== undefined && asked === undefined
    refuse([...findingsOf(request), ...isUnclear ? [{ field: 'tokens', code: 'invalid_boolean' } as const] : []])
    const { tokens = asked ?? false } = request.body
    await sessions.revokeAll(senderOf(request), { tokens })
  })

  app.delete('/sessions/:session_id/', {
    schema: { summary: 'End a session', response: ended },
  }, async (request) => {
    await sessions.revoke(senderOf(request), idOf(request, 'session_id'))
  })

  app.post('/sign-out/', {
    schema: { summary: 'Sign out', description: 'Ends the session of the token that is sent. A token that belongs to no session: 403.', response: ended },
  }, async (request) => {
    const id = sessionOf(request)
    if (id === undefined) throw new AppError('permission_denied')
    await sessions.revoke(senderOf(request), id)
  })
}

export default sessionRoutes
