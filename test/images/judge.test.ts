import sharp, { type Sharp } from 'sharp'
import t, { type Test } from 'tap'
import type { ImageFinding } from '../../src/images/errors.ts'
import { openImages } from '../../src/images/open.ts'
import { veiled } from '../hostile/images/avif.ts'
import { jpeg } from '../hostile/images/jpeg.ts'
import { canvas, riff, webp } from '../hostile/images/webp.ts'
import { animation, chunks, picture, pngClaiming } from './pictures.ts'

async function open (t: Test): Promise<(bytes: Buffer) => Promise<ImageFinding | undefined>> {
  const images = await openImages({ dataDir: t.testdir(), maxBytes: { avatar: 5_000_000, cover: 5_000_000 } })
  t.teardown(() => images.close())
  return async (bytes) => {
    const image = await images.stage('avatar', chunks(bytes))
    const finding = await images.judge(image)
    t.same(await images.judge(image), finding, 'judging again gives the same')
    await image.discard()
    return finding
  }
}

t.test('an honest picture of every format passes', async (t) => {
  const judge = await open(t)
  for (const format of ['jpeg', 'png', 'webp', 'gif', 'avif'] as const) t.equal(await judge(await picture({ format })), undefined, format)
  t.equal(await judge(await animation(500)), undefined, 'animation')
})

t.test('a bomb is refused by its header', async (t) => {
  const judge = await open(t)
  const started = performance.now()
  t.same(await judge(pngClaiming(30_000, 30_000)), { code: 'image_side', params: { max: 12_000, found: 30_000 } })
  t.same(await judge(pngClaiming(12_000, 12_000)), { code: 'image_pixels', params: { max: 25_000_000, found: 144_000_000 } })
  t.same(await judge(pngClaiming(2, 900_000)), { code: 'image_side', params: { max: 12_000, found: 900_000 } })
  t.same(await judge(pngClaiming(0x7fffffff, 0x7fffffff)), { code: 'invalid_image' })
  t.same(await judge(await animation(501)), { code: 'image_pages', params: { max: 500, found: 501 } })
  t.ok(performance.now() - started < 5000)
})

t.test('each format has its own limit', async (t) => {
  const judge = await open(t)
  const square = (side: number): Sharp => sharp({ create: { width: side, height: side, channels: 3, background: 'teal' } })
  t.same(await judge(await square(2_830).avif({ effort: 0 }).toBuffer()),
    { code: 'image_pixels', params: { max: 8_000_000, found: 8_008_900 } })
  t.same(await judge(await square(4_001).gif({ effort: 1 }).toBuffer()),
    { code: 'image_pixels', params: { max: 16_000_000, found: 16_008_001 } })
  t.equal(await judge(await square(5_001).jpeg().toBuffer()), undefined)
  t.same(await judge(await square(5_001).jpeg({ progressive: true }).toBuffer()),
    { code: 'image_pixels', params: { max: 25_000_000, found: 25_010_001 } })
  t.same(await judge(await square(4_001).jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer()),
    { code: 'image_pixels', params: { max: 16_000_000, found: 16_008_001 } })
})

t.test('a picture without its rest is refused', async (t) => {
  const judge = await open(t)
  for (const format of ['jpeg', 'png', 'webp', 'gif', 'avif'] as const) {
    t.same(await judge((await picture({ format })).subarray(0, 24)), { code: 'invalid_image' }, format)
  }
})

t.test('the container of AVIF may hold nothing else', async (t) => {
  const judge = await open(t)
  const bytes = await picture({ format: 'avif' })
  bytes.write('mif1', 8, 'latin1')
  t.equal(await judge(bytes), undefined, 'AVIF that names its container first')
  bytes.write('hvc1', bytes.indexOf('av01'), 'latin1')
  t.same(await judge(bytes), { code: 'unsupported_image', params: { format: 'HEIC' } })
})

t.test('parts are counted before a decoder goes through them', async (t) => {
  const judge = await open(t)
  const side = { width: 64, height: 64, progressive: true }
  t.equal(await judge(jpeg({ ...side, scans: 96 })), undefined, '100 scans')
  t.same(await judge(jpeg({ ...side, scans: 97 })), { code: 'invalid_image' }, '101 scans')
  const frame = riff('ANMF', Buffer.alloc(16))
  t.same(await judge(webp(canvas(9, 9, 0x02), ...Array<Buffer>(50_000).fill(frame))), { code: 'image_pages', params: { max: 500, found: 50_000 } })
})

t.test('a picture inside an AVIF may not be larger than one that is shown', async (t) => {
  const judge = await open(t)
  t.equal(await judge(await veiled(64, 64)), undefined)
  t.same(await judge(await veiled(64, 3_000)), { code: 'image_pixels', params: { max: 8_000_000, found: 9_000_000 } })
})
