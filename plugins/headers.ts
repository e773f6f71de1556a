import type { IncomingMessage } from 'node:http'
import fp from 'fastify-plugin'
import { AppError } from '../src/core/errors.ts'

/** Of two of them Node keeps the first, and whoever stands in front may go by the last (RFC 9110 §5.3, RFC 9112 §3.2). */
const SINGLE = new Map([['host', 'Host'], ['content-type', 'Content-Type']])

/**
 * Why two readers of a request may read it differently; undefined for one that says a single thing. What frames a body Node
 * itself has judged by now. Of two Authorization headers the one who reads them speaks: see plugins/auth.ts.
 */
export function ambiguityOf ({ rawHeaders, headers }: IncomingMessage): AppError | undefined {
  const names = rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase())
  const repeated = names.find((name, i) => SINGLE.has(name) && names.indexOf(name) !== i)
  if (repeated !== undefined) return invalid(`more than one ${SINGLE.get(repeated)} header`)
  // Node reads any coding before the last as if it were not there, and a proxy may undo it.
  return /^(?:chunked)?$/i.test(headers['transfer-encoding'] ?? '') ? undefined : invalid('a Transfer-Encoding other than chunked')
}

const invalid = (reason: string) => new AppError('parse_error', { params: { of: 'HTTP', reason } })

/** Refuses such requests before anything else looks at them. */
export default fp(async (app) => {
  app.addHook('onRequest', async ({ raw }) => {
    const ambiguity = ambiguityOf(raw)
    if (ambiguity !== undefined) throw ambiguity
  })
}, { name: 'headers' })
