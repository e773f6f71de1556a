import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config, LogPart } from '../../src/config.ts'
import { createOrigin } from './origin.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The log of a part of the service, which may have a level of its own. */
    logOf: (part: LogPart) => FastifyBaseLogger
    /** Told of each request when it is over, whatever became of it. */
    onAnswered: ((answered: Answered) => void)[]
    /** Tells of a request that no hook sees. */
    tellAnswered: (request: FastifyRequest, reply: Pick<FastifyReply, 'statusCode' | 'elapsedTime'>) => void
    /** Tells of what was refused before it was a request. */
    tellRefused: (socket: Socket, status: number) => void
  }
}

/** A request that is over. Of its path only the pattern that it matched: null for none. */
export interface Answered { family: string | null, route: string | null, method: string | null, status: number, ms: number | null }

/** What an IPv4 address begins with on a socket for both: whoever blocks addresses knows it without. */
const MAPPED = /^::ffff:(?=[\d.]+$)/i

/** What nginx calls a client that did not wait for its answer. */
const GONE = 499

const REPLY = Symbol('reply')
type Begun = ServerResponse & { [REPLY]?: FastifyReply }

/**
 * One line for each request, when it is over. No header, no body and no query: those may hold secrets. The client's
 * network address is there so that somebody can be kept out who tries passwords.
 */
export default fp(async (app, { config }: { config: Config }) => {
  const { isTrusted, traceOf } = createOrigin(config.trustProxy)
  app.decorate('logOf', (part) => {
    const level = config.logLevels?.[part]
    return app.log.child({ part }, level === undefined ? {} : { level })
  })

  const log = app.logOf('requests')
  const addressOf = (address = '') => config.logAddress ? address.replace(MAPPED, '') : undefined

  app.decorate('onAnswered', [])

  app.decorate('tellAnswered', (request, reply) => {
    const route = request.is404 ? null : request.routeOptions.url ?? null
    const ms = Math.round(reply.elapsedTime * 10) / 10
    const family = route === null ? null : familyOf(request.server)
    const method = request.sentMethod ?? request.method
    const { statusCode: status } = reply
    for (const told of app.onAnswered) told({ family, route, method, status, ms })
    const trace = config.trustProxy !== undefined && isTrusted(request.raw) ? traceOf(request.raw.headers.traceparent) : undefined
    // What is undefined is not written.
    log.info({ id: request.id, family, route, method, status, ms, address: addressOf(request.ip), actor: request.actor?.id ?? null, trace }, 'request')
  })

  app.decorate('tellRefused', ({ remoteAddress }, status) => {
    const answered: Answered = { family: null, route: null, method: null, status, ms: null }
    for (const told of app.onAnswered) told(answered)
    log.info({ id: null, ...answered, address: addressOf(remoteAddress), actor: null }, 'request')
  })

  app.addHook('onResponse', async (request, reply) => {
    if (!request.isHandedOn) app.tellAnswered(request, reply)
  })

  // One listener for all: a closure and an entry in a map for each request cost a third of a reading.
  function tellLeft (this: Begun): void {
    const reply = this[REPLY]
    if (reply === undefined || this.writableFinished || reply.request.isHandedOn) return
    app.tellAnswered(reply.request, { statusCode: GONE, elapsedTime: reply.elapsedTime })
  }
  app.addHook('onRequest', (request, reply, done) => {
    // What `inject` makes up has nobody who could leave.
    if (!('complete' in request.raw)) return done()
    const raw: Begun = reply.raw
    raw[REPLY] = reply
    raw.on('close', tellLeft)
    done()
  })
}, { name: 'log', dependencies: ['methods'] })

/** Outside of the plugin there is none. */
const familyOf = ({ family }: Partial<Pick<FastifyInstance, 'family'>>): string | null => family?.name ?? null
