import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { problem } from './shapes.ts'

const MAX_AGE_S = 300

const Key = Type.Object({
  kty: Type.Literal('OKP'),
  crv: Type.Literal('Ed25519'),
  x: Type.String(),
  kid: Type.String(),
  alg: Type.Literal('EdDSA'),
  use: Type.Literal('sig'),
}, { title: 'Jwk' })

/** What other services verify our tokens with; empty where only the shared secret can. */
const jwks: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/.well-known/jwks.json', {
    config: { access: 'open', isUnlimited: true },
    schema: {
      tags: ['keys'],
      summary: 'The public keys of the tokens',
      response: { 200: Type.Object({ keys: Type.Array(Key) }, { title: 'JwkSet', description: 'The keys; none where only the shared secret verifies.' }), '4xx': problem },
    },
  }, async (_request, reply) => {
    reply.header('cache-control', `public, max-age=${MAX_AGE_S}`)
    return app.jwks
  })
}

export default jwks
