import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import type { Test } from 'tap'
import { openStaging } from '../../src/images/staging.ts'
import { readS3Address } from '../../src/images/store/address.ts'
import { openS3 } from '../../src/images/store/s3.ts'
import { openBucket, SECRET } from '../bucket.ts'
import type { Asked, Trouble } from '../bucket.ts'

const ADA = { kind: 'avatar', name: 'a'.repeat(32) } as const
const MAIN = { ...ADA, size: 'main' } as const
const UNAVAILABLE = { name: 'ImageError', code: 'IMAGE_UNAVAILABLE' }
/** For what has to succeed, on a machine that is busy. */
const PATIENCE_MS = 1_500
/** For what has to fail. */
const IMPATIENCE_MS = 150

/** A bucket that can be troubled, and a store on it that waits for little. */
async function world (t: Test, patience = PATIENCE_MS) {
  const bucket = await openBucket(t)
  const staging = await openStaging(t.testdir({}))
  const store = await openS3(readS3Address(bucket.addressOf(), {}), patience)
  let staged = 0
  return {
    bucket,
    store,
    staging,
    put (bytes: string | Buffer, options?: { isNew: boolean }) {
      const file = join(staging, `${++staged}.up`)
      writeFileSync(file, bytes)
      return store.put(ADA, [{ size: 'main', file }], options)
    },
    read: async () => { const found = await store.open(MAIN); return found && String(await buffer(found.body)) },
    /** Trouble for the first so many requests of a method. */
    trouble (method: string, trouble: Trouble, times = Infinity) {
      let left = times
      bucket.trouble = (asked: Asked) => asked.method === method && left-- > 0 ? trouble : undefined
    },
    asked: (method: string) => bucket.asked.filter((asked) => asked.method === method).length,
  }
}

t.test('what fails once and then succeeds has succeeded', async (t) => {
  const { put, read, trouble, asked } = await world(t)
  for (const once of [{ status: 503, code: 'SlowDown' }, { status: 500, code: 'InternalError' }, { status: 429 }, { status: 400, code: 'RequestTimeout' }] as const) {
    trouble('PUT', once, 1)
    await put('one')
    trouble('GET', once, 1)
    t.equal(await read(), 'one', JSON.stringify(once))
  }
  t.equal(asked('PUT'), 8)
  t.equal(asked('GET'), 8)
  trouble('PUT', 'silence', 1)
  await put('one')
})

t.test('what fails twice says that it may work later, and leaves the upload where it was', async (t) => {
  const { store, put, trouble, staging } = await world(t, IMPATIENCE_MS)
  for (const always of [{ status: 503, code: 'SlowDown' }, 'silence'] as const) {
    trouble('PUT', always)
    await t.rejects(put('one'), UNAVAILABLE)
    trouble('GET', always)
    await t.rejects(store.open(MAIN), UNAVAILABLE)
    trouble('HEAD', always)
    await t.rejects(store.stat(MAIN), UNAVAILABLE)
    trouble('DELETE', always)
    await t.rejects(store.remove(MAIN), UNAVAILABLE)
  }
  t.equal(readdirSync(staging).length, 2)
})

t.test('what is slow is waited for, as long as it says something', async (t) => {
  const { put, read, trouble } = await world(t)
  trouble('PUT', { delay: 50 })
  await put('one')
  trouble('GET', { delay: 50 })
  t.equal(await read(), 'one')
})

t.test('a body that is cut off is no picture', async (t) => {
  const { put, read, trouble } = await world(t)
  await put(Buffer.alloc(300_000, 'x'))
  trouble('GET', 'cut off')
  await t.rejects(read(), UNAVAILABLE)
})

t.test('a refusal is told as it is, without a second try and without a secret', async (t) => {
  const { store, put, trouble, asked } = await world(t)
  trouble('PUT', { status: 403, code: 'AccessDenied' })
  await t.rejects(put('one'), { message: `the store of pictures answered /avatars/${ADA.name}.webp with 403 AccessDenied` })
  t.equal(asked('PUT'), 1)
  trouble('PUT', { status: 507 })
  await t.rejects(put('one'), { code: 'STORE_FULL' })
  trouble('GET', { status: 403, code: 'InvalidObjectState' })
  await t.rejects(store.open(MAIN), { code: 'IMAGE_DAMAGED' })
  for (const address of ['wrong:', 'visage:']) {
    const other = await openS3(readS3Address((await openBucket(t)).addressOf(address === 'visage:' ? 'missing' : 'visage').replace('visage:', address), {}))
    const message = await other.open(MAIN).then(() => '', (error: Error) => error.message)
    t.match(message, address === 'wrong:' ? /403 InvalidAccessKeyId$/ : /404 NoSuchBucket$/, 'a bucket that is not there is no picture that is not there')
    t.notMatch(message, SECRET)
  }
})

t.test('a new name takes the place of nothing, where the store knows how', async (t) => {
  const { bucket, put, read, trouble, asked } = await world(t)
  await put('one', { isNew: true })
  t.equal(bucket.asked.at(-1)?.headers['if-none-match'], '*')
  // The answer to an earlier try was lost.
  await put('two', { isNew: true })
  t.equal(await read(), 'one')
  bucket.objects.clear()
  bucket.trouble = ({ method, headers }) => method === 'PUT' && headers['if-none-match'] !== undefined ? { status: 501, code: 'NotImplemented' } : undefined
  const before = asked('PUT')
  await put('three', { isNew: true })
  await put('four', { isNew: true })
  t.equal(await read(), 'four')
  t.equal(asked('PUT') - before, 3, 'it is asked once')
  trouble('PUT', { status: 409, code: 'ConditionalRequestConflict' }, 1)
  await put('five', { isNew: true })
})

t.test('who does not read to the end ends the request', async (t) => {
  const { bucket, store } = await world(t)
  bucket.objects.set(`visage/avatars/${ADA.name}.webp`, { bytes: Buffer.alloc(8_000_000, 'x'), at: new Date() })
  const found = await store.open(MAIN)
  const { promise, resolve } = Promise.withResolvers<void>()
  found?.body.on('close', resolve)
  found?.body.destroy()
  await promise
  await t.resolves(bucket.whenLeft())
})

t.test('a probe tells a store that takes nothing, and writes nothing to one that does', async (t) => {
  const { bucket, store, trouble } = await world(t)
  await store.probe()
  t.same(bucket.keys(), [])
  for (const [status, code] of [[403, 'AccessDenied'], [404, 'NoSuchBucket'], [400, 'AuthorizationHeaderMalformed'], [503, 'SlowDown']] as const) {
    trouble('PUT', { status, code })
    await t.rejects(store.probe(), { message: `the store of pictures answered /probe with ${status} ${code}` })
  }
})
