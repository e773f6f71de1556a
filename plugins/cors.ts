import type { FastifyCorsOptionsDelegatePromise } from '@fastify/cors'

/**
 * Which browsers may call: those of the listed origins. Decided per request, because the plugin would answer 400 to an
 * OPTIONS that is no preflight.
 */
export default function corsOptions (origins: readonly string[]): { delegator: FastifyCorsOptionsDelegatePromise } {
  const origin = origins.length === 0 ? false : origins.includes('*') ? '*' : [...origins]
  const delegator: FastifyCorsOptionsDelegatePromise = async (request) => ({
    origin,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'If-Match', 'If-None-Match'],
    exposedHeaders: ['ETag', 'Retry-After'],
    maxAge: 600,
    preflight: request.headers['access-control-request-method'] !== undefined,
  })
  return { delegator }
}
