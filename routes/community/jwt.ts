import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AppError } from '../../src/core/errors.ts'
import { isKey } from '../../src/core/credentials/key-secrets.ts'
import { TOKEN } from '../shapes.ts'

/** For other services: whether an access token that somebody showed them counts at this moment. */
const jwtRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post('/jwt/verify_token/', {
    config: { access: 'open' },
    schema: {
      summary: 'Verify a token',
      body: Type.Object({ token: Type.String({ minLength: 1, format: 'text', writeOnly: true, description: 'an access token', examples: [TOKEN] }) }, { title: 'CommunityTokenVerification' }),
      response: { 200: Type.Object({}, { title: 'CommunityTokenVerified', description: 'The token counts.' }) },
    },
  }, async (request) => {
    const { token } = request.body
    if (isKey(token)) throw new AppError('token_invalid')
    await app.identify(token)
    return {}
  })
}

export default jwtRoutes
