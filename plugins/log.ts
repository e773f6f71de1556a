import fp from 'fastify-plugin'

/** One line for each request that was answered, when it is over. No header, no body and no query: those may hold secrets. */
export default fp(async (app) => {
  app.addHook('onResponse', async (request, reply) => {
    request.log.info({
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      actor: request.actor?.id ?? null,
    }, 'request')
  })
}, { name: 'log' })
