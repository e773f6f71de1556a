import cors from '@fastify/cors'
import Fastify, { LogController } from 'fastify'
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import auth from '../plugins/auth.ts'
import body from '../plugins/body.ts'
import connection from '../plugins/connection.ts'
import core from '../plugins/core.ts'
import corsOptions from '../plugins/cors.ts'
import etag from '../plugins/etag.ts'
import log from '../plugins/log.ts'
import media from '../plugins/media.ts'
import openapi from '../plugins/openapi.ts'
import paths from '../plugins/paths.ts'
import validation from '../plugins/validation.ts'
import community from '../routes/community/index.ts'
import { sendError as sendCommunityError } from '../routes/community/errors.ts'
import health from '../routes/health.ts'
import personal from '../routes/personal/index.ts'
import { sendError as sendPersonalError } from '../routes/personal/errors.ts'
import staff from '../routes/staff/index.ts'
import { sendError as sendStaffError } from '../routes/staff/errors.ts'
import { loadConfig } from './config.ts'
import type { Config } from './config.ts'

export { openCore } from '../plugins/core.ts'
export type { Config } from './config.ts'

/** Everything has a default: see the table of variables in the README. */
export type Options = Partial<Config>

/** Visage as a plugin: `await app.register(visage, { dataDir })`. Nothing of it changes the application around it. */
const visage: FastifyPluginAsync<Options> = async (app, options) => {
  const config = { ...loadConfig(), ...options }

  await app.register(log)
  await app.register(connection)
  if (config.corsOrigins.length > 0) await app.register(cors, corsOptions(config.corsOrigins))
  await app.register(core, { config })
  await app.register(auth, { config })
  await app.register(validation)
  await app.register(body, { config })
  await app.register(etag)
  await app.register(paths)
  await app.register(openapi)
  app.setErrorHandler(sendStaffError)
  await app.register(media, { config })

  await app.register(health)
  await app.register(community, { prefix: '/api/v2' })
  await app.register(staff, { prefix: '/api/users' })
  await app.register(personal, { prefix: '/api', signUp: config.signUp })
}

export default visage

/** A whole application around the plugin, ready to `listen` or to `inject`. Throws INSTANCE_LOCKED when the data folder is in use. */
export async function buildApp (options: Options = {}): Promise<FastifyInstance> {
  const config = { ...loadConfig(), ...options }
  const app = Fastify({
    logger: config.logLevel === 'silent' ? false : { level: config.logLevel },
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: config.trustProxy ?? false,
    // Answers sent while closing carry `connection: close` instead.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Without these a client that sends its headers slowly is never cut off.
    http: { headersTimeout: 5_000, connectionsCheckingInterval: 1_000 },
    requestTimeout: 300_000,
    frameworkErrors: sendFrameworkError,
  })
  app.setNotFoundHandler((request, reply) => sendFrameworkError(Object.assign(new Error('no such path'), { statusCode: 404 }), request, reply))
  await app.register(visage, config)
  await app.ready()
  return app
}

/** Errors from before a route was found still speak the language of the family whose path it was. */
async function sendFrameworkError (error: Error, request: FastifyRequest, reply: FastifyReply) {
  const path = request.url
  if (path.startsWith('/api/v2/')) return await sendCommunityError(error, request, reply)
  if (path.startsWith('/api/') && !path.startsWith('/api/users/')) return await sendPersonalError(error, request, reply)
  return await sendStaffError(error, request, reply)
}
