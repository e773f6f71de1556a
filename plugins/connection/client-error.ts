import type { Socket } from 'node:net'
import { networkOf } from '../../src/core/limits/network.ts'
import { drain } from './drain.ts'
import { STATUS_CODES } from './http.ts'
import { owed } from './idle.ts'
import { isLingering, linger } from './linger.ts'

const STATUSES: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }

/** The body of an answer from before there is a family to speak. */
export const detailOf = (status: number): string => JSON.stringify({ detail: `${STATUS_CODES[status]}.` })

/**
 * What arrives is no HTTP, ends in the middle or takes too long. Whoever reads the body hears of it, and answers in the
 * family's words; before there is a request, there is no family to speak, and `told` is what it is answered.
 */
export function onClientError (error: Error & { code?: string }, socket: Socket, told: (status: number) => void = () => {}): void {
  if (socket.destroyed || isLingering(socket)) return
  const body = owed(socket)?.req
  if (body !== undefined && !body.complete && body.listenerCount('error') > 0) {
    body.emit('error', error)
    return
  }
  const status = STATUSES[error.code ?? ''] ?? 400
  told(status)
  const text = detailOf(status)
  if (socket.writable) socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\nconnection: close\r\n\r\n${text}`)
  linger(socket)
  drain(socket, networkOf(socket.remoteAddress))
}
