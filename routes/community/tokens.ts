import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TokenPair } from '../../src/core/credentials/sessions.ts'

/** What signing in answers (RFC 6749 §5.1). */
export const TokenSchema = Type.Object({
  access_token: Type.String(),
  expires_in: Type.Integer({ description: 'seconds' }),
  token_type: Type.String(),
  scope: Type.String(),
  refresh_token: Type.String(),
}, { title: 'CommunityToken', description: 'The tokens of a new session.' })

/** The same as `account/…` wraps it; clients of this service need no registration, so there is never a `client_id`. */
export const SignedInSchema = Type.Object({
  token: Type.Object({ ...TokenSchema.properties, client_id: Type.Null() }, { title: 'CommunityAccountToken' }),
}, { title: 'CommunitySignedIn', description: 'The tokens of a new session.' })

export function toToken ({ access, refresh }: TokenPair, ttl: number): Static<typeof TokenSchema> {
  return { access_token: access, expires_in: ttl, token_type: 'Bearer', scope: 'read write', refresh_token: refresh }
}

export const toSignedIn = (pair: TokenPair, ttl: number): Static<typeof SignedInSchema> => ({ token: { ...toToken(pair, ttl), client_id: null } })

/** No cache may keep a token, nor the refusal of one. */
export async function neverStored (_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.header('cache-control', 'no-store')
}
