import fp from 'fastify-plugin'
import type { Config } from '../src/config.ts'

/** What an IPv4 address begins with on a socket for both: whoever blocks addresses knows it without. */
const MAPPED = /^::ffff:(?=[\d.]+$)/i

/**
 * One line for each request that was answered, when it is over. No header, no body and no query: those may hold secrets. The
 * client's network address is there so that somebody can be kept out who tries passwords.
 */
export default fp(async (app, { config: { logAddress } }: { config: Config }) => {
  app.addHook('onResponse', async (request, reply) => {
    if (request.isHandedOn) return
    request.log.info({
      method: request.sentMethod,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      ...logAddress && { address: request.ip?.replace(MAPPED, '') },
      actor: request.actor?.id ?? null,
    }, 'request')
  })
}, { name: 'log', dependencies: ['methods'] })
