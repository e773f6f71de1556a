import type { FastifyPluginAsync } from 'fastify'
import { senderOf } from '../request.ts'
import secondFactor from './second-factor.ts'
import sessions from './sessions.ts'
import tokens from './tokens.ts'

/** What a person looks after themselves: where they are signed in, their API tokens, their second factor. */
const security: FastifyPluginAsync<{ secondFactorPath: string }> = async (app, { secondFactorPath }) => {
  await app.register(sessions)
  await app.register(tokens, { ownerOf: (request) => senderOf(request).id })
  await app.register(secondFactor, { path: secondFactorPath })
}

export default security
