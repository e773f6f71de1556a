import Fastify, { LogController } from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify'
import fp from 'fastify-plugin'
import address from '../plugins/address.ts'
import auth from '../plugins/auth.ts'
import body from '../plugins/body/index.ts'
import connection, { onClientError, OwnServer } from '../plugins/connection/index.ts'
import core from '../plugins/core/index.ts'
import cors from '../plugins/cors.ts'
import declared from '../plugins/declared.ts'
import etag from '../plugins/etag.ts'
import headers, { ambiguityOf } from '../plugins/headers.ts'
import limits from '../plugins/limits.ts'
import log from '../plugins/log/index.ts'
import { createOrigin } from '../plugins/log/origin.ts'
import { logStream } from '../plugins/log/stream.ts'
import { REFUSED } from '../plugins/media/headers.ts'
import media from '../plugins/media/index.ts'
import metrics from '../plugins/metrics/index.ts'
import network from '../plugins/network.ts'
import openapi from '../plugins/openapi/index.ts'
import paths from '../plugins/paths/index.ts'
import methods from '../plugins/paths/methods.ts'
import signer from '../plugins/signer/index.ts'
import validation from '../plugins/validation.ts'
import { pluginOf } from '../routes/family.ts'
import health from '../routes/health.ts'
import jwks from '../routes/jwks.ts'
import limitsTold from '../routes/limits.ts'
import { createErrorHandler } from '../routes/problem.ts'
import links from '../routes/links/index.ts'
import pictures from '../routes/pictures/index.ts'
import { staff } from '../routes/staff/index.ts'
import { ConfigError, configFrom } from './config.ts'
import type { Config } from './config.ts'
import { embeddedOf } from './embedded.ts'
import { FAMILIES, reservedKeys } from './families.ts'
import type { Options } from './options.ts'
import type { Visage } from './visage.ts'

export { missingMigrations } from './db/index.ts'
export { OPERATOR } from './core/access.ts'
export { KEY_NAME_MAX, TTL_MAX_S } from './core/fields/index.ts'
export { lossOf } from './core/seal/seal-proof.ts'
export { openService, sentenceOf } from './families.ts'
export type { Options } from './options.ts'
export type { Service } from './service.ts'
export type { Declaration } from './core/fields/declarations.ts'

/** Without the first and the last a client that sends its headers slowly is never cut off. */
const TIMEOUTS = { headersTimeout: 5_000, requestTimeout: 300_000, keepAliveTimeout: 72_000, connectionsCheckingInterval: 1_000 }

/** The service in a scope of its own: its hooks, parsers and error handlers stay there. */
async function open (app: FastifyInstance, config: Config, { mailer: sender, log: logger, pages = true }: Options): Promise<Visage> {
  if (logger !== undefined) {
    app.log = logger
    app.setChildLoggerFactory((_logger, bindings, options) => logger.child(bindings, options))
  }
  if (!app.hasPlugin('methods')) await app.register(methods)
  if (!app.hasPlugin('log')) await app.register(log, { config })
  await app.register(connection)
  await app.register(headers)
  await app.register(cors, { config })
  await app.register(address, { config })
  await app.register(core, { config, reservedKeys, sender })
  await app.register(metrics, { config })
  await app.register(limits)
  await app.register(signer, { config })
  await app.register(auth)
  await app.register(validation)
  await app.register(declared)
  await app.register(body, { config })
  await app.register(etag)
  await app.register(paths)
  // For what belongs to no family. Before the first route, because a route takes the handler that it finds.
  app.setErrorHandler(createErrorHandler(staff.voice))
  await app.register(openapi, { config, families: FAMILIES.map(({ name, description, routes }) => ({ name, description, paths: Object.keys(routes) })) })
  await app.register(media, { config })
  await app.register(network, { config })

  await app.register(health)
  if (pages) await app.register(links)
  await app.register(jwks)
  await app.register(limitsTold, { passwordMin: config.passwordMin, bodies: Object.fromEntries(FAMILIES.map(({ name, creates }) => [name, creates])) })
  await app.register(pictures)
  for (const family of FAMILIES) await app.register(pluginOf(family), { signUp: config.signUp, publicDirectory: config.publicDirectory, passwordMin: config.passwordMin })

  return embeddedOf(app, config.accessTtl)
}

/** Visage as a plugin: `await app.register(visage, { dataDir })`. What it leaves with the application is `app.visage` and `request.person`. */
const visage = fp(async (app, options: Options) => {
  const { prefix = '', decorate = 'visage' } = options
  const config = configFrom(options)
  if (options.pages === false && config.linkUrl === undefined) throw new ConfigError('pages: without them the service must know where the application has its own (VISAGE_LINK_URL)')
  if (app.hasDecorator(decorate)) throw new ConfigError(`decorate: the application has something called ${decorate} already; a second Visage needs a name of its own`)
  if (!app.hasRequestDecorator('person')) app.decorateRequest('person', null)
  await app.register(async (scope) => { app.decorate(decorate, await open(scope, config, options)) }, { prefix })
}, { name: 'visage', fastify: '5.x' })

export default visage

/** A whole application around the plugin; hooks and routes can be added before it is to `listen` or to `inject`. Throws a FolderError, like INSTANCE_LOCKED when the data folder is in use. */
export async function buildApp (options: Options = {}): Promise<FastifyInstance> {
  const config = configFrom(options)
  const app: FastifyInstance = Fastify({
    ...options.log !== undefined ? { loggerInstance: options.log } : { logger: await loggerOf(config) },
    genReqId: createOrigin(config.trustProxy).requestId,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'id' }),
    trustProxy: config.trustProxy ?? false,
    // Answers sent while closing carry `connection: close` instead.
    return503OnClosing: false,
    // An update of a large database may take its time, and a timer for each of a thousand routes takes some of every start's.
    pluginTimeout: 0,
    serverFactory: (onRequest) => new OwnServer(TIMEOUTS, onRequest),
    clientErrorHandler: (error, socket) => onClientError(error, socket, (status) => app.tellRefused(socket, status)),
    frameworkErrors (error, request, reply) {
      // No hook runs for it.
      reply.raw.once('finish', () => app.tellAnswered(request, reply))
      sendFrameworkError(error, request, reply)
    },
  })
  app.setNotFoundHandler((request, reply) => sendFrameworkError(Object.assign(new Error('no such path'), { statusCode: 404 }), request, reply))
  try {
    // Here as well, because outside of it there are paths of nobody.
    await app.register(methods)
    await app.register(log, { config })
    app.server.on('refused', app.tellRefused)
    await app.register(visage, { ...options, ...config })
  } catch (error) {
    // Lets go of the data folder, so that the next start can have it.
    await app.close()
    throw error
  }
  return app
}

/** Of all applications in this process. */
let stream: ReturnType<typeof logStream> | undefined
/** None where nobody would see a line. */
async function loggerOf ({ logLevel: level, logLevels }: Config): Promise<NonNullable<FastifyServerOptions['logger']>> {
  if (level === 'silent' && logLevels === undefined) return false
  return { level, stream: await (stream ??= logStream()) }
}

/** Errors from before a route was found, where no hook has run, still speak the language of the family whose path it was; any other path might have been a picture's. */
function sendFrameworkError (error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const family = FAMILIES.find(({ routes }) => Object.keys(routes).some((prefix) => request.url.startsWith(`${prefix}/`)))
  if (family === undefined) reply.headers(REFUSED)
  createErrorHandler((family ?? staff).voice)(ambiguityOf(request.raw) ?? error, request, reply)
}
