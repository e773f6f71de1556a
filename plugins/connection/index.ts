import type { IncomingMessage } from 'node:http'
import fp from 'fastify-plugin'
import { networkOf } from '../../src/core/limits/network.ts'
import { drain, noteUnderWay } from './drain.ts'
import { endWhenIdle, isLatest, noteLatest } from './idle.ts'
import { isLingering, lingerAfter } from './linger.ts'
import { OwnServer } from './server.ts'

export { onClientError } from './client-error.ts'
export { OwnServer }

/** Ends connections without cutting off an answer: after a refused body, and while the server closes. */
export default fp(async (app) => {
  let isClosing = false
  app.addHook('preClose', async () => {
    if (app.server instanceof OwnServer) await app.server.beginClose()
    isClosing = true
  })

  app.addHook('onRequest', async ({ raw, ip }, reply) => {
    if (!isReal(raw)) return
    if (!isLingering(raw.socket)) {
      noteLatest(reply.raw)
      noteUnderWay(reply.raw)
      return
    }
    // It came after `connection: close`, so nobody would hear what became of it.
    reply.hijack()
    drain(raw, networkOf(ip))
  })

  app.addHook('onSend', async ({ raw, actor, ip }, reply) => {
    if (!isReal(raw)) return
    const isUnread = !raw.complete && (raw.headers['transfer-encoding'] !== undefined || Number(raw.headers['content-length'] ?? 0) > 0)
    // Of several requests that came in a row the last answer ends the connection, or the others would be lost.
    const isLast = isUnread || (isClosing && isLatest(reply.raw))
    if (isLast) {
      reply.header('connection', 'close')
      lingerAfter(reply.raw, actor?.id ?? networkOf(ip))
    } else if (reply.raw.hasHeader('connection')) {
      // Once the application closes, Fastify says so with every answer.
      reply.raw.removeHeader('connection')
    }
  })

  // An answer that left just before the close began still promised to keep the connection.
  app.addHook('onResponse', async ({ raw }) => { if (isClosing && isReal(raw)) endWhenIdle(raw.socket) })
}, { name: 'connection' })

/** False for what `inject` makes up. */
const isReal = (raw: IncomingMessage): boolean => 'complete' in raw
