import fp from 'fastify-plugin'
import { AppError } from '../src/core/errors.ts'

/**
 * Refuses what two readers of a request may read differently. Node keeps the first of two Host headers and a proxy may keep the
 * last (RFC 9112 §3.2: 400). Of two Authorization headers the one who reads them speaks: see plugins/auth.ts.
 */
export default fp(async (app) => {
  app.addHook('onRequest', async ({ raw: { rawHeaders } }) => {
    const hosts = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host')
    if (hosts.length > 1) throw new AppError('parse_error', { params: { of: 'HTTP', reason: 'more than one Host header' } })
  })
}, { name: 'headers' })
