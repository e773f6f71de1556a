import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { FOLDERS, parseFileName, pathOf } from '../formats.ts'
import { damaged } from '../errors.ts'
import type { S3Address } from './address.ts'
import type { Store, Stored } from './index.ts'
import { openBucket } from './s3-bucket.ts'
import { bodyOf } from './s3-body.ts'
import { readPage } from './s3-page.ts'

/** The most that a list is given at once. */
const PAGE_MAX = 1000
const DIGEST_OF_NOTHING = '1B2M2Y8AsgTpgAmY7PhCfg=='
/** What was published under a name is never changed. */
const CACHE_CONTROL = 'public, max-age=31536000, immutable'

/** The store in a bucket of an S3-compatible service, which is not asked anything yet. `patience`: the milliseconds that one try may take until it is answered. */
export async function openS3 (address: S3Address, patience?: number): Promise<Store> {
  const bucket = await openBucket(address, patience)

  async function * pagesOf (folder: string, most: number, after: string) {
    const asked = { 'list-type': '2', 'encoding-type': 'url', 'prefix': `${folder}/`, 'max-keys': String(Math.min(most, PAGE_MAX)), ...after !== '' && { 'start-after': `${folder}/${after}` } }
    let next: string | undefined
    do {
      const page = readPage(await bucket.text(`?${String(new URLSearchParams({ ...asked, ...next !== undefined && { 'continuation-token': next } }))}`))
      yield page.objects
      next = page.next
    } while (next !== undefined)
  }

  let knowsConditions = true

  /** A new name that is taken was taken by an earlier try, whose answer was lost. */
  async function putNew (path: string, init: { headers: Record<string, string>, body: Buffer<ArrayBuffer> }): Promise<void> {
    if (knowsConditions) {
      try {
        await bucket.text(path, { ...init, method: 'PUT', headers: { ...init.headers, 'if-none-match': '*' } })
        return
      } catch (error) {
        const { status } = error as { status?: number }
        if (status === 412) return
        if (status !== 501) throw error
        knowsConditions = false
      }
    }
    await bucket.text(path, { ...init, method: 'PUT' })
  }

  return {
    isTracked: true,

    async put (picture, files, { isNew } = { isNew: false }) {
      const read = await Promise.all(files.map(async ({ size, file }) => ({ path: `/${pathOf({ ...picture, size })}`, bytes: await readFile(file) })))
      // Until none is on its way any more, or one could come after whoever chose the name has removed it.
      const done = await Promise.allSettled(read.map(async ({ path, bytes }) => {
        const headers = { 'content-type': 'image/webp', 'cache-control': CACHE_CONTROL, 'x-amz-content-sha256': createHash('sha256').update(bytes).digest('hex') }
        await (isNew ? putNew(path, { headers, body: bytes }) : bucket.text(path, { method: 'PUT', headers, body: bytes }))
      }))
      for (const one of done) if (one.status === 'rejected') throw one.reason
      for (const { file } of files) await rm(file, { force: true })
    },

    async open (file, range) {
      const path = `/${pathOf(file)}`
      const found = await bucket.begin(path, range && { headers: { range: `bytes=${range.from}-${range.to}` } })
      if (found === undefined) return undefined
      try {
        if (range && found.response.status !== 206) throw damaged(`${path} was answered whole when a part of it was asked for`)
        return { ...storedOf(path, found.response.headers), body: bodyOf(path, found) }
      } catch (error) {
        found.connection.abort()
        throw error
      }
    },

    async stat (file) {
      const path = `/${pathOf(file)}`
      const found = await bucket.begin(path, { method: 'HEAD' })
      return found && storedOf(path, found.response.headers)
    },

    async * list (kind, { most, after = '' }) {
      for await (const page of pagesOf(FOLDERS[kind], most, after)) {
        yield page.map(({ key }) => key.slice(FOLDERS[kind].length + 1)).map((file) => ({ file, ...parseFileName(file) }))
      }
    },

    async remove (file) {
      await bucket.begin(`/${pathOf(file)}`, { method: 'DELETE' })
    },

    async probe () {
      // The digest is of other bytes, so that whoever may write is told so, and nothing is kept.
      await bucket.text('/probe', { method: 'PUT', headers: { 'content-md5': DIGEST_OF_NOTHING }, body: '.' }).catch((error: unknown) => {
        if ((error as { reason?: string }).reason?.endsWith('Digest') !== true) throw error
      })
    },

    async usage (kind) {
      let bytes = 0
      for await (const page of pagesOf(FOLDERS[kind], PAGE_MAX, '')) for (const object of page) bytes += object.bytes
      return bytes
    },
  }
}

function storedOf (path: string, headers: Headers): Stored {
  // Of a part, the whole stands behind the slash.
  const bytes = Number(headers.get('content-range')?.split('/')[1] ?? headers.get('content-length') ?? NaN)
  const writtenAt = Date.parse(headers.get('last-modified') ?? '')
  if (!Number.isSafeInteger(bytes) || Number.isNaN(writtenAt)) throw damaged(`${path} was answered without its size or its time`)
  return { bytes, writtenAt }
}
