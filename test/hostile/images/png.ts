import { crc32, deflateSync } from 'node:zlib'
import { patched, text, u32be, u8, zlibZeros } from './bytes.ts'
import { accepted, either, refused } from './image.ts'
import type { HostileImage } from './image.ts'
import { hollowProfile } from './jpeg.ts'
import { plain } from './samples.ts'
import { profile } from '../../images/written.ts'

const SIGNATURE = text('\x89PNG\r\n\x1a\n')

export function chunk (type: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([text(type), data])
  return Buffer.concat([u32be(data.length), body, u32be(crc32(body))])
}

const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
/** Of the seven passes: where each begins and how far it steps. */
const PASSES = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]] as const

interface Shape { width: number, height: number, depth?: number, colour?: number, interlaced?: boolean }

function header ({ width, height, depth = 8, colour = 2, interlaced = false }: Shape): Buffer {
  return chunk('IHDR', Buffer.concat([u32be(width, height), u8(depth, colour, 0, 0, Number(interlaced))]))
}

function rawLength ({ width, height, depth = 8, colour = 2, interlaced = false }: Shape): number {
  const row = (across: number): number => 1 + Math.ceil(across * depth * (CHANNELS[colour] ?? 1) / 8)
  if (!interlaced) return row(width) * height
  let length = 0
  for (const [left, top, right, down] of PASSES) {
    const across = Math.ceil((width - left) / right)
    const rows = Math.ceil((height - top) / down)
    if (across > 0 && rows > 0) length += row(across) * rows
  }
  return length
}

/** A black picture of a few kilobytes, whatever its size; `extra` comes before the pixels. */
export function png (shape: Shape, { extra = [], data = zlibZeros(rawLength(shape)) }: { extra?: Buffer[], data?: Buffer } = {}): Buffer {
  const palette = shape.colour === 3 ? [chunk('PLTE', u8(0, 0, 0, 255, 255, 255))] : []
  return Buffer.concat([SIGNATURE, header(shape), ...palette, ...extra, chunk('IDAT', data), chunk('IEND')])
}

const SMALL = { width: 40, height: 30 }
const PROFILE = profile([[0.60974, 0.31111, 0.01947], [0.20528, 0.62567, 0.06087], [0.14919, 0.06322, 0.74457]], 2.2)
const iccp = (bytes: Buffer): Buffer => chunk('iCCP', Buffer.concat([text('icc\0\0'), deflateSync(bytes)]))
const GIGA = 2 ** 30

export const PNGS: HostileImage[] = [
  accepted('png-limit-8-bit', () => png({ width: 5_000, height: 5_000, colour: 6 })),
  accepted('png-limit-16-bit', () => png({ width: 5_000, height: 5_000, depth: 16, colour: 6 })),
  accepted('png-limit-1-bit', () => png({ width: 5_000, height: 5_000, depth: 1, colour: 0 })),
  accepted('png-limit-interlaced', () => png({ width: 5_000, height: 5_000, interlaced: true })),
  accepted('png-limit-interlaced-16-bit', () => png({ width: 4_000, height: 3_000, depth: 16, colour: 6, interlaced: true })),
  accepted('png-limit-16-bit-profile', () => png({ width: 5_000, height: 5_000, depth: 16, colour: 6 }, { extra: [iccp(PROFILE)] })),
  accepted('png-limit-interlaced-16-bit-profile', () => png({ width: 4_000, height: 3_000, depth: 16, colour: 6, interlaced: true }, { extra: [iccp(PROFILE)] })),
  accepted('png-limit-16-bit-brighter-than-white', () => png({ width: 5_000, height: 5_000, depth: 16, colour: 6 }, { extra: [chunk('cICP', u8(9, 18, 0, 1))] })),
  accepted('png-limit-interlaced-16-bit-brighter-than-white', () => png({ width: 4_000, height: 3_000, depth: 16, colour: 6, interlaced: true }, { extra: [chunk('cICP', u8(9, 16, 0, 1))] })),
  accepted('png-limit-16-bit-grey-power', () => png({ width: 5_000, height: 5_000, depth: 16, colour: 0 }, { extra: [chunk('gAMA', u32be(100_000))] })),
  refused('png-bomb-interlaced-16-bit', () => png({ width: 5_000, height: 5_000, depth: 16, colour: 6, interlaced: true })),
  accepted('png-limit-palette', () => png({ width: 12_000, height: 2_083, depth: 8, colour: 3, interlaced: true })),
  refused('png-bomb-1-bit', () => png({ width: 12_000, height: 12_000, depth: 1, colour: 0 })),
  refused('png-bomb-16-bit', () => png({ width: 11_000, height: 11_000, depth: 16, colour: 6 })),
  refused('png-bomb-interlaced', () => png({ width: 9_000, height: 9_000, depth: 16, colour: 6, interlaced: true })),
  refused('png-bomb-just-above', () => png({ width: 5_001, height: 5_000 })),
  refused('png-bomb-30000', () => png({ width: 30_000, height: 30_000, depth: 1, colour: 0 })),
  refused('png-bomb-palette', () => png({ width: 12_000, height: 12_000, depth: 2, colour: 3 })),
  ...[[12_000, 1], [1, 12_000]].map(([width = 0, height = 0]) => accepted(`png-aspect-${width}x${height}`, () => png({ width, height }))),
  ...[[20_000, 10], [10, 20_000], [12_001, 1], [1, 1_000_000], [1_000_000, 1]].map(([width = 0, height = 0]) => refused(`png-aspect-${width}x${height}`, () => png({ width, height }))),
  ...[[0, 0], [0, 10], [10, 0], [0x7fff_ffff, 0x7fff_ffff], [0x8000_0000, 1], [0xffff_ffff, 0xffff_ffff], [65_536, 65_536]].map(
    ([width = 0, height = 0]) => refused(`png-claims-${width}x${height}`, () => png({ width, height }, { data: zlibZeros(100) }))),
  refused('png-claims-more-than-there-is', () => png({ width: 4_000, height: 4_000 }, { data: zlibZeros(1_000) })),
  refused('png-without-pixels', () => Buffer.concat([SIGNATURE, header(SMALL), chunk('IEND')])),
  refused('png-pixels-that-are-none', () => png(SMALL, { data: Buffer.alloc(400, 0xa5) })),
  either('png-pixels-for-a-gigabyte', () => png(SMALL, { data: zlibZeros(GIGA) })),
  accepted('png-text-bomb', () => png(SMALL, { extra: [chunk('zTXt', Buffer.concat([text('Comment\0\0'), zlibZeros(GIGA)]))] })),
  accepted('png-text-bombs', () => png(SMALL, { extra: Array<Buffer>(200).fill(chunk('iTXt', Buffer.concat([text('XML:com.adobe.xmp\0\x01\0\0\0'), zlibZeros(GIGA / 32)]))) })),
  either('png-profile-bomb', () => png(SMALL, { extra: [chunk('iCCP', Buffer.concat([text('icc\0\0'), zlibZeros(GIGA)]))] })),
  accepted('png-50000-texts', () => png(SMALL, { extra: Array<Buffer>(50_000).fill(chunk('tEXt', text('Comment\0again'))) })),
  either('png-profile-of-noise', () => png(SMALL, { extra: [chunk('iCCP', Buffer.concat([text('icc\0\0'), deflateSync(Buffer.alloc(4_096, 0x5a))]))] })),
  either('png-16-bit-profile-of-noise', () => png({ ...SMALL, depth: 16 }, { extra: [iccp(Buffer.alloc(4_096, 0x5a))] })),
  either('png-16-bit-hollow-profile', () => png({ ...SMALL, depth: 16 }, { extra: [iccp(hollowProfile('RGB '))] })),
  either('png-16-bit-grey-profile-of-inks', () => png({ ...SMALL, depth: 16, colour: 0 }, { extra: [iccp(hollowProfile('CMYK'))] })),
  ...[[], [9], [255, 255, 255, 255], [9, 16, 0, 1, 9, 9], [10, 17, 0, 1], [8, 7, 0, 1]].map((said) => either(`png-cicp-${said.join('-')}`, () => png(SMALL, { extra: [chunk('cICP', u8(...said))] }))),
  ...[0, 1, 0x7fff_ffff, 0xffff_ffff].map((value) => either(`png-power-and-primaries-${value}`, () => png(SMALL, { extra: [chunk('gAMA', u32be(value)), chunk('cHRM', u32be(...Array<number>(8).fill(value)))] }))),
  either('png-primaries-nearly-in-a-row', () => png(SMALL, { extra: [chunk('gAMA', u32be(45_455)), chunk('cHRM', u32be(31_270, 1, 64_000, 33_000, 64_001, 33_000, 64_000, 33_001))] })),
  either('png-primaries-cut-off', () => png(SMALL, { extra: [chunk('gAMA', u8(1)), chunk('cHRM', u8(1, 2, 3))] })),
  either('png-50000-colour-chunks', () => png(SMALL, { extra: Array<Buffer>(50_000).fill(chunk('cICP', u8(12, 13, 0, 1))) })),
  either('png-exif-of-noise', () => png(SMALL, { extra: [chunk('eXIf', Buffer.alloc(4_096, 0x49))] })),
  either('png-unknown-critical-chunk', () => png(SMALL, { extra: [chunk('VIsG', Buffer.alloc(10))] })),
  refused('png-impossible-depth', () => png({ ...SMALL, depth: 3 })),
  refused('png-impossible-colour', () => png({ ...SMALL, colour: 5 })),
  refused('png-palette-that-is-missing', () => Buffer.concat([SIGNATURE, header({ ...SMALL, colour: 3 }), chunk('IDAT', zlibZeros(rawLength({ ...SMALL, colour: 3 }))), chunk('IEND')])),
  refused('png-two-headers', () => png(SMALL, { extra: [header({ width: 9_000, height: 9_000 })] })),
  either('png-endless-chunk', () => patched(png(SMALL), 33, u32be(0xffff_ffff))),
  either('png-moving', async () => {
    const frame = Buffer.concat([u32be(0, SMALL.width, SMALL.height, 0, 0), u8(0, 0, 0, 0, 9, 9)])
    return png(SMALL, { extra: [chunk('acTL', u32be(0xffff, 0)), chunk('fcTL', frame), chunk('tRNS', await plain(1, 1).png().toBuffer())] })
  }),
]
