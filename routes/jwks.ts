import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'

const MAX_AGE_S = 300

const Key = Type.Object({
  kty: Type.Literal('OKP'),
  crv: Type.Literal('Ed25519'),
  x: Type.String(),
  kid: Type.String(),
  alg: Type.Literal('EdDSA'),
  use: Type.Literal('sig'),
})

/** What other services verify our tokens with; empty where only the shared secret can. */
const jwks: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/.well-known/jwks.json', {
    config: { access: 'open', isUnlimited: true },
    schema: {
      tags: ['keys'],
      summary: 'The public keys of the tokens',
      response: { 200: Type.Object({ keys: Type.Array(Key) }), '4xx': Type.Object({ detail: Type.String() }) },
    },
  }, async (_request, reply) => {
    reply.header('cache-control', `public, max-age=${MAX_AGE_S}`)
    return app.jwks
  })
}

export default jwks
