import type { Readable } from 'node:stream'
import { AppError } from '../../src/core/errors.ts'
import type { Params } from '../../src/core/errors.ts'

/** What a body may take longer than the server's patience, it has to earn by arriving at this rate. */
const LEAST_BYTES_PER_S = 16_384
const CHECK_MS = 1_000

interface Options {
  /** Bytes. */
  limit: number
  /** The Content-Length that was announced, if any: a body that says it is too large is not waited for. */
  announced: number | undefined
  /** Milliseconds. */
  patience: number
  /** What it would have been, for the message. */
  of?: string
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
    const started = performance.now()
    let received = 0
    const checking = setInterval(() => {
      const allowed = patience + received / LEAST_BYTES_PER_S * 1_000
      if (performance.now() - started > allowed) settle(() => reject(new AppError('request_timeout')))
    }, CHECK_MS).unref()

    function onData (chunk: Buffer): void {
      received += chunk.length
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
      : new AppError('parse_error', { params: { reason: 'the body ended early', ...of !== undefined && { of } } })))

    function settle (outcome: () => void): void {
      clearInterval(checking)
      body.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone)
      outcome()
    }
    body.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone)
  })
}
