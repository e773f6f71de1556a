import type { FastifyPluginAsync } from 'fastify'
import { senderOf } from '../request.ts'
import secondFactor from './second-factor.ts'
import sessions from './sessions.ts'
import tokens from './tokens.ts'

/** How a family has these routes: everything but their words, which none of the originals knows. */
export interface Voice {
  tags: string[]
  /** Error bodies by status, as in the family's other routes. */
  problems: Record<string, object>
}

/** What a person looks after themselves: where they are signed in, their API tokens, their second factor. */
const security: FastifyPluginAsync<Voice & { secondFactorPath: string }> = async (app, { tags, problems, secondFactorPath }) => {
  const voice = { tags, problems }
  await app.register(sessions, voice)
  await app.register(tokens, { ...voice, ownerOf: (request) => senderOf(request).id })
  await app.register(secondFactor, { ...voice, path: secondFactorPath })
}

export default security
