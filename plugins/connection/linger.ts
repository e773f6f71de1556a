import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { networkOf } from '../../src/core/limits/network.ts'
import { drain } from './drain.ts'
import type { Sender } from './drain.ts'

/** How long a client may go on sending what nobody will answer, so that it gets to read the answer that there is. */
const DRAIN_MS = 2_000

const lingering = new WeakSet<Socket>()

/** Whether our half of a connection has ended: nothing that still arrives over it may be carried out. */
export const isLingering = (socket: Socket): boolean => lingering.has(socket)

/**
 * Ends a connection without cutting off an answer: what still comes is read and dropped until the client ends its half.
 * Closing at once with unread bytes makes the kernel reset the connection, and the client loses the answer on its way.
 */
export function linger (socket: Socket): void {
  if (lingering.has(socket)) return
  lingering.add(socket)
  socket.end()
  const giveUp = setTimeout(() => socket.destroy(), DRAIN_MS).unref()
  socket.once('end', () => socket.destroy()).once('close', () => clearTimeout(giveUp))
}

/** Lets a connection end with this answer, whose head says `connection: close`. */
export function lingerAfter ({ req }: ServerResponse, sender: Sender = networkOf(req.socket.remoteAddress)): void {
  req.unpipe()
  // By now, or Node would drop it by itself, as fast as it comes.
  drain(req, sender)
  // Node calls destroySoon when such an answer has been handed to the kernel.
  req.socket.destroySoon = () => { linger(req.socket) }
}
