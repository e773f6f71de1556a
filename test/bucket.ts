// A small server that speaks as much of S3 as a store of pictures needs, and can be told to do it badly. What a real one says to all
// of that is asked in `.ci/radosgw.ts`.
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { AwsClient } from 'aws4fetch'
import type { Test } from 'tap'
import { readS3Address } from '../src/images/store/address.ts'

interface Stored { bytes: Buffer, at: Date }
export interface Asked { method: string, path: string, headers: IncomingMessage['headers'] }
/** What a request meets instead of its answer, or before it: a status, an answer that ends too soon, none at all, or one that takes so many milliseconds. */
export type Trouble = { status: number, code?: string } | 'cut off' | 'silence' | { delay: number }

const KEY = 'visage'
export const SECRET = 'a/secret+of/ours'

export interface Bucket {
  /** Of the bucket, or of another one on the same server. */
  addressOf: (name?: string) => string
  /** Makes one that is called `other`, and tells its address. */
  another: () => Promise<string>
  /** Every object by bucket and key. */
  objects: Map<string, Stored>
  /** The keys of the bucket itself. */
  keys: () => string[]
  /** Everything that was asked, in order. */
  asked: Asked[]
  /** Which requests meet trouble. */
  trouble: (asked: Asked) => Trouble | undefined
  /** Requests whose client left before the end of the answer. */
  left: () => number
  /** Resolves when one has. */
  whenLeft: () => Promise<void>
  close: () => Promise<void>
}

/** Starts one, whose bucket is called `visage` and takes every key but a wrong one. It ends with the test. */
export async function openBucket (t: Test): Promise<Bucket> {
  const objects = new Map<string, Stored>()
  const buckets = new Set(['visage'])
  const asked: Asked[] = []
  let left = 0
  const leaving = Promise.withResolvers<void>()
  const server = createServer((request, response) => { answer(request, response).catch(() => { response.destroy() }) })

  async function answer (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://localhost')
    const [, bucket = '', key = ''] = /^\/([^/]+)\/?(.*)$/.exec(url.pathname) ?? []
    const { method = '', headers } = request
    const one = { method, path: key === '' ? url.search : `/${key}`, headers }
    asked.push(one)
    response.on('close', () => {
      if (response.writableFinished) return
      left++
      leaving.resolve()
    })
    const body = await buffer(request)
    const trouble = it.trouble(one)
    const refuse = (status: number, code = '') => { response.writeHead(status, { 'content-type': 'application/xml' }).end(method === 'HEAD' ? undefined : `<Error><Code>${code}</Code></Error>`) }
    if (trouble === 'silence') return
    if (typeof trouble === 'object' && 'status' in trouble) return refuse(trouble.status, trouble.code)
    if (typeof trouble === 'object') await sleep(trouble.delay)
    if (!headers.authorization?.includes(`Credential=${KEY}/`)) return refuse(403, 'InvalidAccessKeyId')
    if (key === '' && method === 'PUT') {
      buckets.add(bucket)
      response.end()
      return
    }
    if (!buckets.has(bucket)) return refuse(404, 'NoSuchBucket')
    const name = `${bucket}/${key}`
    const found = objects.get(name)
    if (key === '') {
      response.end(list(bucket, url.searchParams))
      return
    }
    if (method === 'PUT') {
      if (headers['if-none-match'] === '*' && found !== undefined) return refuse(412, 'PreconditionFailed')
      const digest = headers['content-md5']
      if (digest !== undefined && digest !== createHash('md5').update(body).digest('base64')) return refuse(400, 'BadDigest')
      objects.set(name, { bytes: body, at: new Date() })
      response.end()
      return
    }
    if (method === 'DELETE') {
      objects.delete(name)
      response.writeHead(204).end()
      return
    }
    if (found === undefined) return refuse(404, 'NoSuchKey')
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []
    const part = from === undefined ? found.bytes : found.bytes.subarray(Number(from), Number(to) + 1)
    response.writeHead(from === undefined ? 200 : 206, {
      'content-length': part.length,
      'last-modified': found.at.toUTCString(),
      ...from !== undefined && { 'content-range': `bytes ${from}-${Number(from) + part.length - 1}/${found.bytes.length}` },
    })
    if (method === 'HEAD') response.end()
    else if (trouble === 'cut off') response.write(part.subarray(0, part.length / 2), () => { response.destroy() })
    else response.end(part)
  }

  function list (bucket: string, asked: URLSearchParams): string {
    const prefix = `${bucket}/${asked.get('prefix') ?? ''}`
    const after = asked.get('continuation-token') ?? asked.get('start-after') ?? ''
    const all = [...objects.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(bucket.length + 1)).filter((key) => key > after).sort()
    const page = all.slice(0, Number(asked.get('max-keys') ?? 1_000))
    const contents = page.map((key) => `<Contents><Key>${encodeURIComponent(key).replaceAll('%2F', '/')}</Key><Size>${objects.get(`${bucket}/${key}`)?.bytes.length}</Size></Contents>`)
    return `<ListBucketResult>${contents.join('')}<IsTruncated>${page.length < all.length}</IsTruncated><NextContinuationToken>${page.at(-1) ?? ''}</NextContinuationToken></ListBucketResult>`
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const it: Bucket = {
    addressOf: (name = 'visage') => `s3://${KEY}:${encodeURIComponent(SECRET)}@127.0.0.1:${port}/${name}?ssl=off`,
    async another () {
      buckets.add('other')
      return it.addressOf('other')
    },
    objects,
    keys: () => [...objects.keys()].filter((name) => name.startsWith('visage/')).map((name) => name.slice('visage/'.length)).sort(),
    asked,
    trouble: () => undefined,
    left: () => left,
    whenLeft: () => leaving.promise,
    async close () {
      if (!server.listening) return
      server.closeAllConnections()
      await new Promise((resolve) => { server.close(resolve) })
    },
  }
  t.teardown(() => it.close())
  return it
}

/** The objects of a bucket past the service, whoever has it. */
export function objectsAt (address: string) {
  const { bucketUrl, ...who } = readS3Address(address, {})
  const client = new AwsClient({ ...who, service: 's3' })

  async function ask (key: string, method: string, body?: Buffer): Promise<Response> {
    const answer = await client.fetch(`${bucketUrl}/${key}`, { method, ...body && { body: new Uint8Array(body) } })
    if (!answer.ok) throw new Error(`${method} ${key}: ${answer.status}`)
    return answer
  }

  return {
    read: async (key: string): Promise<Buffer> => Buffer.from(await (await ask(key, 'GET')).arrayBuffer()),
    write: async (key: string, bytes: Buffer): Promise<void> => { await ask(key, 'PUT', bytes) },
    remove: async (key: string): Promise<void> => { await ask(key, 'DELETE') },
    async stat (key: string): Promise<{ bytes: number, at: Date }> {
      const { headers } = await ask(key, 'HEAD')
      return { bytes: Number(headers.get('content-length')), at: new Date(headers.get('last-modified') ?? '') }
    },
    /** All keys: of fewer than a thousand. */
    async keys (): Promise<string[]> {
      const text = await (await ask('?list-type=2', 'GET')).text()
      return Array.from(text.matchAll(/<Key>([^<]*)<\/Key>/g), ([, key = '']) => key)
    },
  }
}

/** A new bucket beside the one of an address. */
export async function newBucket (address: string): Promise<string> {
  const url = new URL(address)
  url.pathname += `-${randomUUID()}`
  const { bucketUrl, ...who } = readS3Address(url.href, {})
  await new AwsClient({ ...who, service: 's3' }).fetch(bucketUrl, { method: 'PUT' })
  return url.href
}
