import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { STOP } from '../../src/stop.ts'
import { linger } from './linger.ts'

/** The answer to the request that came last over a connection. */
const latest = new WeakMap<Socket, ServerResponse>()
/** Connections that end as soon as they lie idle, and the bytes that had come over each when that was said. */
const ending = new WeakMap<Socket, { read: number, timer: NodeJS.Timeout }>()

export const noteLatest = (response: ServerResponse): void => { latest.set(response.req.socket, response) }
export const isLatest = (response: ServerResponse): boolean => latest.get(response.req.socket) === response
/** The answer that a connection is still owed. */
export function owed (socket: Socket): ServerResponse | undefined {
  const response = latest.get(socket)
  return response === undefined || response.writableFinished ? undefined : response
}

/** Whether no answer is owed, and nothing has come since the connection was to end. */
export const isIdle = (socket: Socket): boolean => owed(socket) === undefined && socket.bytesRead === ending.get(socket)?.read

/** Gives a kept connection a moment, from now on, for one more request, which may be on its way already. */
export function endWhenIdle (socket: Socket): void {
  clearTimeout(ending.get(socket)?.timer)
  // Timers come before input: what the kernel has already is looked at first.
  const timer = setTimeout(() => { setImmediate(() => { if (isIdle(socket)) linger(socket) }) }, STOP.idle).unref()
  ending.set(socket, { read: socket.bytesRead, timer })
}
