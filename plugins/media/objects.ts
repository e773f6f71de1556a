import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../src/core/errors.ts'
import type { Store, Stored } from '../../src/images/store/index.ts'
import { CACHED_BYTES, createCache } from './cache.ts'
import { etagOf, judge } from './conditions.ts'
import type { Validators } from './conditions.ts'
import { PICTURE } from './headers.ts'
import type { Named } from './names.ts'
import { CONDITIONS, unlessDamaged } from './files.ts'

/** Of what is asked for, by when it was put there. */
const validatorsOf = (stored: Stored): Validators => ({ etag: etagOf(stored), modified: new Date(stored.writtenAt).toUTCString(), bytes: stored.bytes })

/**
 * Sends published files out of a store that is elsewhere, small ones from memory: a file that is asked for whole is one question to it.
 * Whether it may still be seen is asked before, each time.
 */
export function createObjects (store: Store) {
  const cache = createCache()

  const headersOf = ({ etag, modified }: Validators) => ({ 'accept-ranges': 'bytes', 'last-modified': modified, etag })
  const found = <T>(what: T | undefined): T => {
    if (what === undefined) throw new AppError('not_found')
    return what
  }

  async function sendWhole (named: Named, headers: Record<string, string>, reply: FastifyReply): Promise<FastifyReply> {
    const opened = found(await store.open(named).catch(unlessDamaged))
    const own = { ...headersOf(validatorsOf(opened)), 'content-length': String(opened.bytes) }
    reply.headers({ ...headers, ...own })
    // A stream that nobody reads any more ends the request to the store.
    if (opened.bytes > CACHED_BYTES) return reply.send(opened.body)
    const bytes = await buffer(opened.body)
    cache.set(named.file, { headers: own, bytes })
    return reply.send(bytes)
  }

  return async function sendObject (named: Named, cacheControl: string, { raw }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const headers = { ...PICTURE[named.kind], 'cache-control': cacheControl }
    const held = cache.get(named.file)
    if (held === undefined && raw.method === 'GET' && !CONDITIONS.some((name) => raw.headers[name] !== undefined)) return await sendWhole(named, headers, reply)

    const known: Validators = held === undefined
      ? validatorsOf(found(await store.stat(named).catch(unlessDamaged)))
      : { etag: held.headers.etag ?? '', modified: held.headers['last-modified'] ?? '', bytes: held.bytes.length }
    const judged = judge(raw.headers, known)
    if (judged.status === 412 || judged.status === 416) throw Object.assign(new Error('a condition does not hold'), { statusCode: judged.status, headers: judged.status === 416 ? { 'content-range': `bytes */${known.bytes}` } : {} })
    if (judged.status === 304) return reply.code(304).headers({ ...headers, ...headersOf(known) }).send()
    const { from, to } = judged.status === 206 ? judged : { from: 0, to: known.bytes - 1 }
    reply.code(judged.status).headers({ ...headers, ...headersOf(known), 'content-length': String(to - from + 1), ...judged.status === 206 && { 'content-range': `bytes ${from}-${to}/${known.bytes}` } })
    if (held !== undefined) return reply.send(held.bytes.subarray(from, to + 1))
    if (raw.method === 'HEAD') return reply.send(Readable.from([]))
    return judged.status === 200 ? await sendWhole(named, headers, reply) : reply.send(found(await store.open(named, { from, to })).body)
  }
}
