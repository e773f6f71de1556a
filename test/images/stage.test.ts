import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t, { type Test } from 'tap'
import { openImages, type Images } from '../../src/images/open.ts'
import { StagedImage } from '../../src/images/stage.ts'
import { chunks, ftyp, noise, picture } from './pictures.ts'

async function open (t: Test, maxBytes = 100_000): Promise<{ images: Images, staged: () => string[], dataDir: string }> {
  const dataDir = t.testdir()
  const images = await openImages({ dataDir, maxBytes: { avatar: maxBytes, cover: 2 * maxBytes } })
  t.teardown(() => images.close())
  return { images, dataDir, staged: () => readdirSync(join(dataDir, 'staging')) }
}

t.test('an upload lies in staging, whole and for our eyes only', async (t) => {
  const { images, staged, dataDir } = await open(t)
  const bytes = await picture({ format: 'jpeg' })
  const image = await images.stage('avatar', chunks(bytes, 7))
  t.ok(image instanceof StagedImage)
  t.match(image, { kind: 'avatar', bytes: bytes.length })
  const [name = ''] = staged()
  const file = join(dataDir, 'staging', name)
  t.match(name, /^[0-9a-f]{32}\.up$/)
  t.same(readFileSync(file), bytes)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(statSync(join(dataDir, 'staging')).mode & 0o777, 0o700)
})

t.test('an upload of exactly the limit passes, one byte more does not', async (t) => {
  const bytes = await noise('png', 100, 100)
  const { images, staged } = await open(t, bytes.length)
  await (await images.stage('avatar', chunks(bytes))).discard()
  await t.rejects(images.stage('avatar', chunks(Buffer.concat([bytes, Buffer.alloc(1)]))), {
    code: 'IMAGE_TOO_LARGE', params: { kind: 'avatar', max: bytes.length, least: bytes.length + 1 }
  })
  t.same(staged(), [])
  await (await images.stage('cover', chunks(Buffer.concat([bytes, bytes])))).discard()
})

for (const head of ['\x89PNG\r\n\x1a\n', 'some text']) {
  t.test(`past the limit the source is left alone: ${JSON.stringify(head)}`, async (t) => {
    const { images, staged } = await open(t)
    let read = 0
    let isEnded = false
    async function * endless (): AsyncGenerator<Buffer> {
      try {
        for (;;) {
          const chunk = Buffer.alloc(10_000)
          chunk.write(head, 'latin1')
          read += chunk.length
          yield chunk
        }
      } finally {
        isEnded = true
      }
    }
    await t.rejects(images.stage('avatar', endless()), { code: 'IMAGE_TOO_LARGE' })
    t.equal(read, 110_000)
    t.ok(isEnded)
    t.same(staged(), [])
  })
}

t.test('a client that goes away leaves nothing behind', async (t) => {
  const { images, staged } = await open(t)
  const bytes = await noise('png', 100, 100)
  for (const [sent, onDisk] of [[3, 0], [20_000, 1]] as const) {
    const aborted = Object.assign(new Error('aborted'), { code: 'ECONNRESET' })
    let seen: number | undefined
    async function * source (): AsyncGenerator<Buffer> {
      yield bytes.subarray(0, sent)
      // Asked for more: what came has been written, if it was to be.
      seen = staged().length
      throw aborted
    }
    await t.rejects(images.stage('avatar', source()), aborted)
    t.equal(seen, onDisk)
    t.same(staged(), [])
  }
  const stream = new Readable({ read () {} })
  stream.push(bytes)
  setImmediate(() => stream.destroy())
  await t.rejects(images.stage('avatar', stream), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
  t.same(staged(), [])
})

t.test('what is no accepted picture never touches the disk', async (t) => {
  const { images, staged } = await open(t)
  const table: [Buffer | string, object][] = [
    ['', { code: 'empty_file' }],
    ['just text, '.repeat(1000), { code: 'invalid_image' }],
    [ftyp('heic', 'mif1'), { code: 'unsupported_image', params: { format: 'HEIC' } }],
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', { code: 'unsupported_image', params: { format: 'SVG' } }]
  ]
  for (const [bytes, finding] of table) {
    const image = await images.stage('cover', chunks(bytes))
    t.equal(image.bytes, bytes.length, 'read to its end')
    t.same(staged(), [])
    t.same(await images.judge(image), finding)
    await t.rejects(images.publish(image), { code: 'IMAGE_INVALID', finding })
  }
})

t.test('a discarded upload is gone', async (t) => {
  const { images, staged } = await open(t)
  const image = await images.stage('avatar', chunks(await picture()))
  t.equal(staged().length, 1)
  await image.discard()
  t.same(staged(), [])
  await image.discard()
  t.notOk(image.claim())
  await t.rejects(images.judge(image), { code: 'IMAGE_UNAVAILABLE' })
  await t.rejects(images.publish(image), { code: 'IMAGE_UNAVAILABLE' })
})

t.test('an upload that is discarded while it is judged stays until then', async (t) => {
  const { images, staged } = await open(t)
  const image = await images.stage('avatar', chunks(await picture()))
  const judging = Promise.all([images.judge(image), images.judge(image)])
  await image.discard()
  t.equal(staged().length, 1)
  t.same(await judging, [undefined, undefined])
  t.same(staged(), [])
})
