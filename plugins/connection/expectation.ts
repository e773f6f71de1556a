import type { IncomingMessage, ServerResponse } from 'node:http'
import { detailOf } from './client-error.ts'
import { lingerAfter } from './linger.ts'

/**
 * `Expect: 100-continue`: the client holds its body back until it is asked for. Node would ask at once; here whoever
 * begins to read the body does (`wanted`), so that a refusal costs nobody an upload.
 */
export function askWhenWanted (request: IncomingMessage, response: ServerResponse): void {
  request.once('wanted', () => { if (!response.headersSent) response.writeContinue() })
}

/** Any other expectation. There is none that a server has to know (RFC 9110 §10.1.1). */
export function refuseExpectation (_request: IncomingMessage, response: ServerResponse): void {
  const text = detailOf(417)
  lingerAfter(response)
  response.writeHead(417, { 'content-type': 'application/json', 'content-length': text.length, 'connection': 'close' }).end(text)
}
