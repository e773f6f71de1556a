import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { openBucket } from '../bucket.ts'
import { withPictures } from './media.ts'

t.test('a picture that is asked for whole is one question to the bucket, and none when it is held', async (t) => {
  const bucket = await openBucket(t)
  const { ask, avatar, cover } = await withPictures(t, { storeUrl: bucket.addressOf() })
  const asked = async (path: string, headers?: Record<string, string>, method?: string) => {
    const before = bucket.asked.length
    const { status } = await ask(path, headers, method)
    return [status, ...bucket.asked.slice(before).map(({ method }) => method)]
  }
  t.same(await asked(`/media/avatars/${avatar}-64.webp`, {}, 'HEAD'), [200, 'HEAD'])
  t.same(await asked(`/media/avatars/${avatar}-64.webp`), [200, 'GET'])
  t.same(await asked(`/media/avatars/${avatar}-64.webp`), [200])
  t.same(await asked(`/media/avatars/${avatar}-64.webp`, { range: 'bytes=0-3' }), [206], 'a part of what is held')
  t.same(await asked(`/media/avatars/${avatar}-64.webp`, { 'if-none-match': '*' }), [304])
  t.same(await asked(`/media/covers/${cover}.webp`, { 'if-none-match': '*' }), [304, 'HEAD'])
  t.same(await asked(`/media/covers/${cover}.webp`, { range: 'bytes=0-3' }), [206, 'HEAD', 'GET'])
})

t.test('while the bucket is away pictures are answered 503, but for those that are held', async (t) => {
  const bucket = await openBucket(t)
  const { ask, core, avatar } = await withPictures(t, { storeUrl: bucket.addressOf() })
  const [held, other] = [`/media/avatars/${avatar}-64.webp`, `/media/avatars/${avatar}.webp`]
  await ask(held)
  bucket.trouble = () => ({ status: 503, code: 'SlowDown' })
  t.match(await ask(other), { status: 503, headers: { 'retry-after': /^\d+$/, 'cache-control': 'no-store' } })
  t.match(await ask(other, { range: 'bytes=0-1' }), { status: 503 })
  t.equal((await ask(held)).status, 200)
  t.match(await core.health.look(), { status: 'unavailable', checks: [{}, {}, { name: 'store', status: 'unavailable', detail: 'the store of pictures answered /probe with 503 SlowDown' }] })
  bucket.trouble = ({ path }) => path.startsWith('/avatars/') ? 'cut off' : undefined
  t.match(await ask(other), { status: 503 }, 'half a picture is none')
  bucket.trouble = () => undefined
  t.equal((await ask(other)).status, 200)
})

t.test('whoever leaves in the middle of a large picture ends the request to the bucket', async (t) => {
  const bucket = await openBucket(t)
  const { app, avatar, write } = await withPictures(t, { storeUrl: bucket.addressOf() })
  await write(`avatars/${avatar}.webp`, randomBytes(16_000_000))
  const { port } = app.server.address() as AddressInfo
  const leaving = request({ host: '127.0.0.1', port, path: `/media/avatars/${avatar}.webp` }, (answer) => { answer.once('data', () => { leaving.destroy() }) })
  leaving.on('error', () => {}).end()
  await t.resolves(bucket.whenLeft())
})
