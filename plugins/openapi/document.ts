import { hash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { withExamples } from './examples.ts'
import type { Document } from './examples.ts'

/** JSON is valid YAML: both are the same bytes. */
export type Language = 'json' | 'yaml'

const TYPES: Record<Language, string> = { json: 'application/json; charset=utf-8', yaml: 'application/yaml' }

/** Handlers that send the current document. The text is made once for each set of declared fields, because that takes some milliseconds. */
export function answerWith (current: () => Promise<Document>): (language: Language) => (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  let of: Document | undefined
  let bytes: Buffer
  let etag = ''

  async function renew (): Promise<void> {
    const document = await current()
    if (document === of) return
    bytes = Buffer.from(JSON.stringify(withExamples(document)))
    etag = `"${hash('sha256', bytes, 'base64url')}"`
    of = document
  }

  return (language) => async (_request, reply) => {
    await renew()
    // Clients may keep it but must ask each time: a field may have been declared since.
    reply.header('etag', etag).header('cache-control', 'no-cache')
    return reply.isKnown(etag) ? reply.code(304).send() : reply.type(TYPES[language]).send(bytes)
  }
}
