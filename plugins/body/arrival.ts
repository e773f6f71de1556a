import type { Readable } from 'node:stream'
import { AppError } from '../../src/core/errors.ts'
import type { Params } from '../../src/core/errors.ts'

/** The rate that a body has to keep. By the server's patience it may fall behind; what it sends ahead is not saved for later. */
const LEAST_BYTES_PER_S = 16_384
/** In how many steps patience ends. Counted, not timed: while this process is held up, nothing can arrive. */
const STEPS = 10

interface Options {
  /** Bytes. */
  limit: number
  /** The Content-Length that was announced, if any: a body that says it is too large is not waited for. */
  announced: number | undefined
  /** Milliseconds. */
  patience: number
  /** What it would have been, for the message. */
  of: string
  /** What its pictures may be, for the message. */
  pictures?: Params
  /** May throw, which ends it. */
  onChunk?: (chunk: Buffer) => void
}

/**
 * Follows a body while somebody reads it, and resolves at its end. Rejects with `too_large`, with `request_timeout` when it
 * dribbles, with `parse_error` when the client goes away. The stream itself is left alone: it is the refusal's to drain.
 */
export function arrival (body: Readable, { limit, announced, patience, of, pictures, onChunk }: Options): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    if (announced !== undefined && announced > limit) {
      reject(new AppError('too_large', { params: { max: limit, found: announced, ...pictures } }))
      return
    }
    // Nothing speaks against it any more: a client that holds it back may send it now.
    body.emit('wanted')
    let received = 0
    let left = patience
    const step = patience / STEPS
    const checking = setInterval(() => {
      // What waits to be read is not late.
      if (!body.isPaused()) left -= step
      if (left <= 0) settle(() => reject(new AppError('request_timeout')))
    }, step).unref()

    function onData (chunk: Buffer): void {
      received += chunk.length
      left = Math.min(patience, left + chunk.length / LEAST_BYTES_PER_S * 1_000)
      try {
        if (received > limit) throw new AppError('too_large', { params: { max: limit, least: received, ...pictures } })
        onChunk?.(chunk)
      } catch (error) {
        settle(() => reject(error))
      }
    }
    const onEnd = () => settle(resolve)
    const onGone = (error?: { code?: string }) => settle(() => reject(error?.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? new AppError('request_timeout')
      : new AppError('parse_error', { params: { reason: 'the body ended early', of } })))

    function settle (outcome: () => void): void {
      clearInterval(checking)
      body.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone)
      outcome()
    }
    body.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone)
  })
}

/** For a body that cannot be read: throws `problem` unless it has no bytes after all, as one can that is sent in chunks. */
export async function requireNothing (body: Readable, { announced, patience }: Pick<Options, 'announced' | 'patience'>, problem: AppError): Promise<void> {
  if (announced !== undefined && announced > 0) throw problem
  await arrival(body, { limit: Infinity, announced, patience, of: 'HTTP', onChunk: () => { throw problem } })
}
