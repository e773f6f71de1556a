import t from 'tap'
import { propertiesOf, sizesOf } from '../../src/images/boxes.ts'
import { framesOf, withoutTexts } from '../../src/images/chunks.ts'
import { lacksOnlyItsEnd, scansOf } from '../../src/images/segments.ts'
import { text, u32be, u8 } from '../hostile/images/bytes.ts'
import { box, ftyp, heif } from '../hostile/images/isobmff.ts'
import { jpeg, segment } from '../hostile/images/jpeg.ts'
import { chunk, png } from '../hostile/images/png.ts'
import { canvas, riff, webp } from '../hostile/images/webp.ts'
import { animation, picture } from './pictures.ts'

const SMALL = { width: 40, height: 30 }

t.test('a PNG loses its texts and nothing else', async (t) => {
  const texts = ['tEXt', 'zTXt', 'iTXt'].map((type) => chunk(type, text('Comment\0and so on')))
  const own = chunk('viSg', text('kept'))
  t.same(withoutTexts(png(SMALL, { extra: [...texts, own, ...texts] })), png(SMALL, { extra: [own] }))
  t.same(withoutTexts(png(SMALL)), png(SMALL))
  const endless = Buffer.concat([png(SMALL).subarray(0, 33), u32be(0xffff_fff0), text('tEXt'), Buffer.alloc(20)])
  t.same(withoutTexts(endless), endless.subarray(0, 33))
  for (const format of ['jpeg', 'webp', 'gif', 'avif'] as const) {
    const bytes = await picture({ format })
    t.equal(withoutTexts(bytes), bytes, format)
  }
})

t.test('the scans of a JPEG are counted', async (t) => {
  t.equal(scansOf(jpeg(SMALL)), 1)
  t.equal(scansOf(jpeg({ ...SMALL, progressive: true })), 4)
  t.equal(scansOf(jpeg({ ...SMALL, progressive: true, scans: 1_000 })), 1_004)
  t.equal(scansOf(await picture({ format: 'jpeg' })), 1)
  t.equal(scansOf(jpeg({ ...SMALL, segments: [segment(0xe1, Buffer.alloc(60, u8(0xff, 0xda)))] })), 1, 'not those of a preview')
  t.equal(scansOf(Buffer.concat([jpeg(SMALL).subarray(0, 2), Buffer.alloc(9, 0xff), jpeg(SMALL).subarray(2)])), 1, 'with bytes that fill')
  for (const broken of [u8(0xff, 0xd8), u8(0xff, 0xd8, 0xff), u8(0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff), Buffer.alloc(0)]) t.equal(scansOf(broken), 0)
})

t.test('the frames of a WebP are counted', async (t) => {
  t.equal(framesOf(await animation(7, undefined, 'webp')), 7)
  t.equal(framesOf(await picture({ format: 'webp' })), 0)
  t.equal(framesOf(webp(canvas(9, 9), ...Array<Buffer>(1_000).fill(riff('ANMF', text('odd'))))), 1_000)
  t.equal(framesOf(Buffer.alloc(12)), 0)
})

t.test('an AVIF tells the sizes of all its pictures', async (t) => {
  const item = { type: 'av01', data: Buffer.alloc(1) }
  t.same(sizesOf(heif([{ ...item, size: [64, 48] }, { ...item, size: [9_000, 8_000] }])), [[64, 48], [9_000, 8_000]])
  const size = box('ispe', u32be(0, 5, 6))
  const inside = box('iprp', box('ipco', size))
  const long = Buffer.concat([u32be(1), text('meta'), u32be(0, 16 + 4 + inside.length), Buffer.alloc(4), inside])
  const open = Buffer.concat([u32be(0), text('meta'), Buffer.alloc(4), inside])
  for (const meta of [long, open, box('meta', Buffer.alloc(4), inside)]) t.same(sizesOf(Buffer.concat([ftyp('avif'), meta])), [[5, 6]])
  t.same(sizesOf(Buffer.concat([ftyp('avif'), size])), [], 'elsewhere they mean nothing')
  for (const broken of [u32be(1), Buffer.concat([u32be(1), text('meta')]), Buffer.concat([u32be(7), text('meta')]), Buffer.alloc(0)]) t.same(sizesOf(broken), [])
})

t.test('F1 an AVIF tells what is said of the picture that it shows', async (t) => {
  const item = (mark: number) => ({ type: 'av01', data: Buffer.alloc(1), size: [mark, mark] as const, properties: [box('av1C', u8(mark)), box('colr', u8(mark))] })
  const said = (bytes: Buffer) => propertiesOf(bytes).filter(({ type }) => type === 'colr').map(({ content }) => content[0])
  for (const shown of [1, 2, 3]) t.same(said(heif([item(1), item(2), item(3)], { shown })), [shown])
  t.same(said(heif([item(1), item(2)], { shown: 9 })), [1, 2], 'of all, where it is not there')
  const tiles = { type: 'grid', data: Buffer.alloc(8), size: [1, 1] as const, reference: { type: 'dimg', to: [2, 2] } }
  t.same(said(heif([tiles, item(2)])), [2], 'of its tiles, where it is made of some')
  const whole = heif([item(1), item(2)], { shown: 2 })
  for (let length = 0; length < whole.length; length += 7) t.ok(said(whole.subarray(0, length)).length <= 2, 'nothing is read that is not there')
})

t.test('F3 a JPEG that ends in its last scan lacks only its end', async (t) => {
  const photo = await picture({ format: 'jpeg' })
  const progressive = jpeg({ ...SMALL, progressive: true })
  for (const whole of [photo, jpeg(SMALL), progressive]) {
    t.notOk(lacksOnlyItsEnd(whole))
    for (const bytes of [whole.subarray(0, -2), whole.subarray(0, -1)]) t.ok(lacksOnlyItsEnd(bytes))
  }
  const last = progressive.lastIndexOf(u8(0xff, 0xda))
  t.notOk(lacksOnlyItsEnd(progressive.subarray(0, last)), 'a scan is missing')
  t.notOk(lacksOnlyItsEnd(progressive.subarray(0, last + 6)), 'a scan has only begun')
  t.notOk(lacksOnlyItsEnd(photo.subarray(0, photo.lastIndexOf(u8(0xff, 0xda)))), 'there is no scan')
  for (const broken of [u8(0xff), u8(0xff, 0xd8), u8(0xff, 0xda, 0, 2), Buffer.alloc(0)]) t.doesNotThrow(() => lacksOnlyItsEnd(broken))
})
