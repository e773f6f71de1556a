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
const STAND_IN = 'TRACE'
/** What every path answers, as long as it is one. */
export const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', STAND_IN]

/**
 * Node knows thirty methods more. A route for each of them on every path would make each start slower, so a request by one of
 * them is routed once more, as the one that stands in for all.
 */
export default fp(async (app) => {
  const sent = new WeakMap<IncomingMessage, string>()
  app.decorateRequest('sentMethod', { getter () { return sent.get(this.raw) ?? this.method } })

  app.decorateRequest('isHandedOn', false)

  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = request
    if (!request.is404 || METHODS.includes(request.method)) return done()
    reply.hijack()
    request.isHandedOn = true
    sent.set(raw, request.method)
    raw.method = STAND_IN
    app.routing(raw, reply.raw)
  })
}, { name: 'methods' })
