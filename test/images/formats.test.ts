import t from 'tap'
import { FORMATS, sniff } from '../../src/images/formats.ts'
import type { ImageFormat } from '../../src/images/formats.ts'
import { excess } from '../../src/images/header.ts'
import { ftyp, picture } from './pictures.ts'

t.test('the first bytes of every accepted format pass', async (t) => {
  for (const format of Object.keys(FORMATS) as ImageFormat[]) {
    t.equal(sniff((await picture({ format })).subarray(0, 64)), undefined, format)
  }
  t.equal(sniff(Buffer.from('GIF87a')), undefined, 'the older GIF')
  t.equal(sniff(ftyp('mif1', 'miaf', 'avif')), undefined, 'AVIF as a minor brand')
  t.equal(sniff(ftyp('avis', 'msf1')), undefined, 'AVIF sequence')
})

t.test('other pictures are refused by name', async (t) => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
  const doctype = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd" [ <!ENTITY a "b"> ]>'
  const bmp = Buffer.alloc(54)
  bmp.write('BM')
  bmp[14] = 40
  const table: [string, Buffer | string][] = [
    ['HEIC', ftyp('heic', 'mif1', 'heic')],
    ['HEIC', ftyp('mif1', 'heix')],
    ['HEIC', ftyp('hevc')],
    ['HEIF', ftyp('mif1', 'miaf')],
    ['SVG', svg],
    ['SVG', `\ufeff \n<?xml version="1.0"?><!-- made by hand --> ${svg}`],
    ['SVG', `<?xml version="1.0"?>\n${doctype}\n<svg:svg xmlns:svg="http://www.w3.org/2000/svg">`],
    ['SVG', Buffer.from(`\ufeff${svg}`, 'utf16le')],
    ['TIFF', Buffer.from('49492a0008000000', 'hex')],
    ['TIFF', Buffer.from('4d4d002a00000008', 'hex')],
    ['BMP', bmp],
    ['PDF', '%PDF-1.7\n'],
    ['ICO', Buffer.from('000001000100101000', 'hex')],
    ['JPEG XL', Buffer.from('ff0a00', 'hex')],
    ['JPEG XL', Buffer.from('0000000c4a584c200d0a870a', 'hex')],
    ['JPEG 2000', Buffer.from('0000000c6a5020200d0a870a', 'hex')]
  ]
  for (const [format, bytes] of table) {
    t.same(sniff(Buffer.from(bytes)), { code: 'unsupported_image', params: { format } }, format)
  }
})

t.test('what is no picture is said to be none', async (t) => {
  const table = ['hello', 'B', 'BM is how this text begins', '<html><svg></svg></html>', '<!-- <svg> -->', 'RIFF\0\0\0\0WAVE', '\xff\xd8']
  for (const text of table) t.same(sniff(Buffer.from(text, 'latin1')), { code: 'invalid_image' }, text)
  t.same(sniff(ftyp('isom', 'mp42')), { code: 'invalid_image' }, 'a video')
  t.same(sniff(Buffer.alloc(0)), { code: 'empty_file' })
})

t.test('a hostile prolog is read in no time', async (t) => {
  const started = process.cpuUsage()
  for (const piece of ['<!---->', '<!--', '<?', '<!', '<a', '<svg:']) sniff(Buffer.from(piece.repeat(4096 / piece.length)))
  const { user, system } = process.cpuUsage(started)
  t.ok(user + system < 500_000)
})

t.test('a header is held against the limits of its format', async (t) => {
  const small = { format: 'jpeg' as const, width: 10, height: 10, pages: 1, isProgressive: false, isHeavy: false }
  t.equal(excess(small), undefined)
  t.equal(excess({ ...small, width: 12_000, height: 4_166 }), undefined)
  t.same(excess({ ...small, height: 12_001 }), { code: 'image_side', params: { max: 12_000, found: 12_001 } })
  t.same(excess({ ...small, width: 10_000, height: 5_001 }), { code: 'image_pixels', params: { max: 50_000_000, found: 50_010_000 } })
  t.same(excess({ ...small, width: 5_001, height: 5_000, isProgressive: true }),
    { code: 'image_pixels', params: { max: 25_000_000, found: 25_005_000 } })
  t.equal(excess({ ...small, format: 'png', width: 5_000, height: 5_000, isProgressive: true }), undefined)
  t.equal(excess({ ...small, format: 'png', width: 5_000, height: 5_000, isHeavy: true }), undefined, 'is read row by row')
  t.same(excess({ ...small, format: 'png', width: 4_000, height: 3_001, isProgressive: true, isHeavy: true }),
    { code: 'image_pixels', params: { max: 12_000_000, found: 12_004_000 } })
  t.same(excess({ ...small, format: 'avif', width: 2_500, height: 2_001, isHeavy: true }),
    { code: 'image_pixels', params: { max: 5_000_000, found: 5_002_500 } })
  t.same(excess({ ...small, format: 'gif', pages: 501 }), { code: 'image_pages', params: { max: 500, found: 501 } })
})
