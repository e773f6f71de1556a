import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../src/core/errors.ts'
import { isDamaged } from '../../src/images/errors.ts'
import type { Store } from '../../src/images/store/index.ts'
import { CACHED_BYTES, createCache } from './cache.ts'
import { etagOf } from './conditions.ts'
import { PICTURE } from './headers.ts'
import type { Named } from './names.ts'

/** What makes an answer anything but the whole file. */
export const CONDITIONS = ['range', 'if-none-match', 'if-modified-since', 'if-match', 'if-unmodified-since']
/** What tells one file from another. */
const OF_THE_FILE = ['accept-ranges', 'last-modified', 'etag', 'content-length']

/**
 * Sends published files, small ones from memory: what is published never changes. Whether it may still be seen is asked
 * before, each time. The store says what there is; from `root`, where it lies on this machine, the library sends it.
 */
export async function createFiles (media: FastifyInstance, store: Store, root: string) {
  const cache = createCache()
  const sending = new WeakMap<FastifyReply, { headers: Record<string, string>, file: string, isKept: boolean }>()

  await media.register(fastifyStatic, {
    root,
    serve: false,
    index: false,
    contentType: false,
    cacheControl: false,
    setHeaders: (reply) => { reply.headers(sending.get(reply)?.headers ?? {}) },
  })

  // A small file is on its way out as a stream: it is kept as it passes.
  media.addHook('onSend', async (_request, reply, payload) => {
    const sent = sending.get(reply)
    if (!sent?.isKept || !(payload instanceof Readable)) return payload
    const bytes = await buffer(payload)
    cache.set(sent.file, { headers: Object.fromEntries(OF_THE_FILE.map((name) => [name, String(reply.getHeader(name))])), bytes })
    return bytes
  })

  return async function sendFile (named: Named, cacheControl: string, { raw }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { kind, file } = named
    const headers = { ...PICTURE[kind], 'cache-control': cacheControl }
    const isWhole = !CONDITIONS.some((name) => raw.headers[name] !== undefined)
    const held = isWhole ? cache.get(file) : undefined
    if (held !== undefined) return reply.headers(held.headers).headers(headers).send(held.bytes)

    // The library would follow a link, which a store takes for damage.
    const stored = await store.stat(named).catch(unlessDamaged)
    if (stored === undefined) throw new AppError('not_found')
    const etag = etagOf(stored)
    normaliseRange(raw.headers, stored.bytes, etag)
    sending.set(reply, { headers: { ...headers, etag }, file, isKept: isWhole && raw.method === 'GET' && stored.bytes <= CACHED_BYTES })
    return reply.sendFile(file)
  }
}

export function unlessDamaged (error: unknown): undefined {
  if (!isDamaged(error)) throw error
}

const LAST_BYTES = /(?<=[=,]\s*)-(\d+)(?=\s*(?:,|$))/g

/**
 * A range as the library reads it rightly: of the last bytes it takes more than there are for none (RFC 9110 §14.1.2), and as
 * the condition it takes a tag for the same that is weak (§13.1.5).
 */
function normaliseRange (headers: IncomingHttpHeaders, size: number, etag: string): void {
  const condition = headers['if-range']
  if (typeof condition === 'string' && condition.includes('"')) {
    if (condition === etag) delete headers['if-range']
    else delete headers.range
  }
  if (headers.range !== undefined) headers.range = headers.range.replace(LAST_BYTES, (range, count) => Number(count) >= size ? '0-' : range)
}
