import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AppError, refuse } from '../../src/core/errors.ts'
import { isKey } from '../../src/core/key-secrets.ts'
import { findingsOf } from '../findings.ts'
import { TOKEN } from '../shapes.ts'
import { problems } from './schemas.ts'

/** For other services: whether an access token that somebody showed them counts at this moment. */
const jwtRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post('/jwt/verify_token/', {
    config: { access: 'open' },
    schema: {
      tags: ['community'],
      summary: 'Verify a token',
      body: Type.Object({ token: Type.String({ minLength: 1, format: 'text', writeOnly: true, description: 'an access token', examples: [TOKEN] }) }, { title: 'CommunityTokenVerification' }),
      response: { 200: Type.Object({}, { title: 'CommunityTokenVerified', description: 'The token counts.' }), ...problems },
    },
    attachValidation: true,
  }, async (request) => {
    refuse(findingsOf(request, { token: 'token' }))
    const { token } = request.body
    if (isKey(token)) throw new AppError('token_invalid')
    await app.identify(token)
    return {}
  })

  app.answerOtherMethods()
}

export default jwtRoutes
