import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { StagedImage } from '../src/images/stage.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Counts a request for its sender, or for its address when it has no credential that counts, and tells what is left. Throws `throttled`. */
    limitRequest: (request: FastifyRequest, reply: FastifyReply) => void
  }
  interface FastifyContextConfig {
    /** What is the same for everybody and costs next to nothing. */
    isUnlimited?: true
  }
}

/** The limits of `core/limits.ts`, asked where a request shows what they count. Signing in and mailing codes ask for themselves. */
export default fp(async (app) => {
  const { limits } = app.core

  app.decorate('limitRequest', ({ method, headers, routeOptions, actor: person, credential, ip: address }, reply) => {
    // Browsers ask first by OPTIONS, and without credentials.
    const isPreflight = method === 'OPTIONS' && headers.authorization === undefined
    if (isPreflight || routeOptions.config.isUnlimited === true) return
    const quota = limits.request({ person, credential, address })
    if (quota === undefined) return
    reply.header('ratelimit-limit', quota.limit).header('ratelimit-remaining', quota.remaining).header('ratelimit-reset', quota.reset)
  })

  app.addHook('preHandler', async ({ body, actor: person, credential, ip: address }) => {
    if (hasPicture(body)) limits.upload({ person, credential, address })
  })
}, { name: 'limits', dependencies: ['core'] })

function hasPicture (body: unknown): boolean {
  return typeof body === 'object' && body !== null && Object.values(body).flat().some((value) => value instanceof StagedImage)
}
