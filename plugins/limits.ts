import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** Counts a request for its sender, or for its address when it has no credential that counts, and tells what is left. Throws `throttled`. */
    limitRequest: (request: FastifyRequest, reply: FastifyReply) => void
    /** Counts a request with pictures for its sender, once, as soon as bytes of one come. Throws `throttled`. */
    limitUpload: (request: FastifyRequest) => void
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

  const counted = new WeakSet<FastifyRequest>()
  app.decorate('limitUpload', (request) => {
    if (counted.has(request)) return
    counted.add(request)
    const { actor: person, credential, ip: address } = request
    limits.upload({ person, credential, address })
  })
}, { name: 'limits', dependencies: ['core'] })
