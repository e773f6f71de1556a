import type { Socket } from 'node:net'
import fp from 'fastify-plugin'

/** How long a client may go on sending a body that has been refused, so that it gets to read the answer. */
const DRAIN_MS = 2_000

/**
 * Ends connections without cutting off an answer: after a refused body, and while the server closes. Closing at once with
 * unread bytes makes the kernel reset the connection, and the client loses the answer that was on its way.
 */
export default fp(async (app) => {
  let isClosing = false
  app.addHook('preClose', async () => { isClosing = true })

  app.addHook('onSend', async (request, reply) => {
    const { raw } = request
    const isUnread = 'complete' in raw && !raw.complete && (raw.headers['transfer-encoding'] !== undefined || Number(raw.headers['content-length'] ?? 0) > 0)
    if (isUnread || isClosing) reply.header('connection', 'close')
    if (!isUnread) return
    // Node calls destroySoon when such an answer has been handed to the kernel.
    raw.socket.destroySoon = function (this: Socket) {
      raw.unpipe()
      raw.resume()
      this.end()
      const giveUp = setTimeout(() => this.destroy(), DRAIN_MS)
      this.once('end', () => this.destroy()).once('close', () => clearTimeout(giveUp))
    }
  })
}, { name: 'connection' })
