import fp from 'fastify-plugin'
import { ConfigError } from '../../src/config.ts'
import type { Config } from '../../src/config.ts'

/** Figures and health for whoever runs the service, on a port of their own. Without that port nothing of it is loaded. */
export default fp(async (app, { config: { metricsPort: port, metricsHost: host } }: { config: Config }) => {
  if (port === undefined) return
  const [{ createRegistry }, { serveMetrics }] = await Promise.all([import('./registry.ts'), import('./server.ts')])
  // Before anybody is served: whoever has set a port that cannot be had must learn of it.
  const { origin, close } = await serveMetrics({ host, port, registry: createRegistry(app), health: app.core.health }).catch((error: unknown) => {
    throw new ConfigError(`VISAGE_METRICS_PORT: ${(error as Error).message}`)
  })
  app.addHook('onClose', close)
  app.log.info({ origin }, `metrics are told on ${origin}/metrics`)
}, { name: 'metrics', dependencies: ['core', 'log'] })
