import { hash } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route writes an account, and obeys If-Match. */
    isConditional?: true
  }
  interface FastifyRequest {
    /** The versions that If-Match allows; undefined when there is no such header or it says `*`. */
    readonly ifMatch: readonly number[] | undefined
  }
  interface FastifyReply {
    /** The version of the account that the answer shows; set, it makes the answer conditional. */
    version: number | null
    /** The ETag of the answer, where it is known; otherwise it is made of the body. */
    etag: string | null
    /** The ETag of a representation of that version. */
    etagOf: (version: number, body: string) => string
    /** Whether the client has a representation with this ETag. */
    isKnown: (etag: string) => boolean
  }
}

const TAG = /^"([1-9]\d{0,15})-[\w-]+"$/
const HASH_LENGTH = 16

/**
 * `"<version>-<hash of the body>"` on every answer that shows an account. The hash is there because the body can change
 * while the version stays (presence, a group's name); what may be overwritten is decided by the version alone.
 */
export default fp(async (app) => {
  app.decorateReply('version', null)
  app.decorateReply('etag', null)
  app.decorateReply('etagOf', (version: number, body: string) => `"${version}-${hash('sha256', body, 'base64url').slice(0, HASH_LENGTH)}"`)
  app.decorateReply('isKnown', function (etag: string) { return isNoneMatch(this.request.headers['if-none-match'], etag) })
  app.decorateRequest('ifMatch', {
    getter () { return versionsOf(this.headers['if-match']) },
  })

  app.addHook('onSend', async (request, reply: FastifyReply, payload) => {
    if (reply.version === null || typeof payload !== 'string') return payload
    const etag = reply.etag ?? reply.etagOf(reply.version, payload)
    reply.header('etag', etag).header('cache-control', 'private, no-cache')
      .header('vary', [reply.getHeader('vary'), 'Authorization'].flat().filter(Boolean).join(', '))
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!isRead || reply.statusCode !== 200 || !isNoneMatch(request.headers['if-none-match'], etag)) return payload
    reply.code(304).removeHeader('content-type').removeHeader('content-length')
    // Of a GET nothing is left; of a HEAD the length must be told, which Fastify takes from here.
    return request.method === 'HEAD' ? payload : null
  })
}, { name: 'etag' })

function isNoneMatch (header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
}

/** A tag that is not ours, or a weak one, is the tag of no version. */
function versionsOf (header: string | undefined): number[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined
  return header.split(',').map((tag) => Number(TAG.exec(tag.trim())?.[1] ?? 0))
}
