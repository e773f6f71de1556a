import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

/** How long a client may go on sending a body that has been refused, so that it gets to read the answer. */
const DRAIN_MS = 2_000
/** How long a closing server waits for requests on their way; less than what the process is given. */
const CLOSE_MS = 4_000

/** The request that came last over a connection. */
const latest = new WeakMap<Socket, IncomingMessage>()
const lingering = new WeakSet<Socket>()

/**
 * Ends connections without cutting off an answer: after a refused body, and while the server closes. Closing at once with
 * unread bytes makes the kernel reset the connection, and the client loses the answer that was on its way.
 */
export default fp(async (app) => {
  let isClosing = false
  app.addHook('preClose', async () => { isClosing = true })

  app.addHook('onRequest', async ({ raw }) => { if (isReal(raw)) latest.set(raw.socket, raw) })

  app.addHook('onSend', async ({ raw }, reply) => {
    const isUnread = isReal(raw) && !raw.complete && (raw.headers['transfer-encoding'] !== undefined || Number(raw.headers['content-length'] ?? 0) > 0)
    if (isUnread || isClosing) reply.header('connection', 'close')
    if (!isUnread) return
    // Node calls destroySoon when such an answer has been handed to the kernel.
    raw.socket.destroySoon = () => {
      raw.unpipe()
      raw.resume()
      linger(raw.socket)
    }
  })

  // An answer that left just before the close began still promised to keep the connection.
  app.addHook('onResponse', async ({ raw }) => { if (isClosing && isReal(raw)) raw.socket.destroySoon() })
}, { name: 'connection' })

/** False for what `inject` makes up. */
const isReal = (raw: IncomingMessage): boolean => 'complete' in raw

function linger (socket: Socket): void {
  if (lingering.has(socket)) return
  lingering.add(socket)
  socket.end()
  const giveUp = setTimeout(() => socket.destroy(), DRAIN_MS).unref()
  socket.once('end', () => socket.destroy()).once('close', () => clearTimeout(giveUp))
}

/** Closing waits for requests on their way, but not for ever. For a server of our own; another application decides for itself. */
export function closeInTime (app: FastifyInstance): void {
  const open = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  app.addHook('preClose', async () => {
    // Node counts a connection that has never said anything as busy, and stops its timeouts while it closes.
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
    setTimeout(() => app.server.closeAllConnections(), CLOSE_MS).unref()
  })
}

const STATUSES: Record<string, string> = { HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large', ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout' }

/**
 * What arrives is no HTTP, or ends in the middle. Whoever reads the body hears of it, and answers in the family's words;
 * before there is a request, there is no family to speak.
 */
export function onClientError (error: Error & { code?: string }, socket: Socket): void {
  if (socket.destroyed || lingering.has(socket)) return
  const body = latest.get(socket)
  if (body !== undefined && !body.complete && body.listenerCount('error') > 0) {
    body.emit('error', error)
    return
  }
  const status = STATUSES[error.code ?? ''] ?? '400 Bad Request'
  const text = JSON.stringify({ detail: `${status.slice(4)}.` })
  if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\nconnection: close\r\n\r\n${text}`)
  linger(socket)
}
