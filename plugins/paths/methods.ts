import type { IncomingMessage } from 'node:http'
import type { HTTPMethods } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyRequest {
    /** As it was sent. */
    sentMethod: string
    /** It was routed once more, and what becomes of it is told there. */
    isHandedOn: boolean
  }
}

/** Of those that no route serves, the one that every path answers. */
export const STAND_IN = 'TRACE'
/** What requests use; Node knows thirty more. */
export const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', STAND_IN]

/**
 * A route for each method on every path would make each start slower, so a request that finds none is routed once more, by the
 * method that stands in for all: either the path is there and says what it does not do, or there is none.
 */
export default fp(async (app) => {
  const sent = new WeakMap<IncomingMessage, string>()
  app.decorateRequest('sentMethod', { getter () { return sent.get(this.raw) ?? this.method } })

  app.decorateRequest('isHandedOn', false)

  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = request
    if (!request.is404 || request.method === STAND_IN) return done()
    reply.hijack()
    request.isHandedOn = true
    sent.set(raw, request.method)
    raw.method = STAND_IN
    app.routing(raw, reply.raw)
  })
}, { name: 'methods' })
