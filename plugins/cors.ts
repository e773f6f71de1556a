import cors from '@fastify/cors'
import type { FastifyCorsOptionsDelegatePromise } from '@fastify/cors'
import fp from 'fastify-plugin'
import { ConfigError } from '../src/config.ts'
import type { Config } from '../src/config.ts'

const PREFLIGHT_S = 600

/** Lets the pages of the configured origins call. Without any, browsers are told nothing and keep to their own origin. */
export default fp(async (app, { config }: { config: Config }) => {
  const { corsOrigins } = config
  if (corsOrigins.length === 0) return
  if (app.hasRequestDecorator('corsPreflightEnabled')) throw new ConfigError('VISAGE_CORS_ORIGINS: the application has @fastify/cors already, which answers for the service as well: leave the origins to it')
  // Decided per request, because the library answers 400 to an OPTIONS that is no preflight.
  const delegator: FastifyCorsOptionsDelegatePromise = async (request) => ({
    origin: corsOrigins.includes('*') ? '*' : corsOrigins,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'If-Match', 'If-None-Match', 'Prefer'],
    exposedHeaders: ['ETag', 'Link', 'Preference-Applied', 'Retry-After', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'],
    maxAge: PREFLIGHT_S,
    preflight: request.headers['access-control-request-method'] !== undefined,
  })
  await app.register(cors, { delegator })
}, { name: 'cors' })
