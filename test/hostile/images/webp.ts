import { patched, text, u16le, u24le, u32le, u8 } from './bytes.ts'
import { accepted, either, refused } from './image.ts'
import type { HostileImage } from './image.ts'
import { plain, SAMPLES } from './samples.ts'

export function riff (type: string, data: Buffer): Buffer {
  return Buffer.concat([text(type), u32le(data.length), data, Buffer.alloc(data.length % 2)])
}

export const webp = (...chunks: Buffer[]): Buffer => riff('RIFF', Buffer.concat([text('WEBP'), ...chunks]))

const ALPHA = 0x10
const ANIMATED = 0x02

export const canvas = (width: number, height: number, flags = 0): Buffer => riff('VP8X', Buffer.concat([u8(flags, 0, 0, 0), u24le(width - 1), u24le(height - 1)]))

/** The picture itself, without its container. */
export const coded = (file: Buffer): Buffer => {
  const type = file.toString('latin1', 12, 16)
  const from = type === 'VP8X' ? Math.max(file.indexOf('VP8L'), file.indexOf('VP8 ')) : 12
  return file.subarray(from, from + 8 + file.readUInt32LE(from + 4))
}

interface Frame { width: number, height: number, left?: number, top?: number, delay?: number, flags?: number }

const frame = (picture: Buffer, { width, height, left = 0, top = 0, delay = 50, flags = 0 }: Frame): Buffer =>
  riff('ANMF', Buffer.concat([u24le(left / 2), u24le(top / 2), u24le(width - 1), u24le(height - 1), u24le(delay), u8(flags), picture]))

async function moving (size: readonly [number, number], count: number, options: Partial<Frame> = {}): Promise<Buffer> {
  const picture = coded(await plain(16, 16).webp({ lossless: true }).toBuffer())
  const same = frame(picture, { width: 16, height: 16, ...options })
  return webp(canvas(...size, ANIMATED | ALPHA), riff('ANIM', Buffer.alloc(6)), ...Array<Buffer>(count).fill(same))
}

const lossy = (width: number, height: number) => () => plain(width, height).webp({ effort: 0 }).toBuffer()
/** One colour takes no bits for a pixel, so that only the size has to be changed. */
const lossless = (width: number, height: number) => async () => sized(await plain(16, 16, 4).webp({ lossless: true }).toBuffer(), width, height)

/** A small picture that says to be a large one, where the lossy coder has its size. */
async function claiming (width: number, height: number): Promise<Buffer> {
  const bytes = await SAMPLES.webp(1)
  return patched(bytes, bytes.indexOf(u8(0x9d, 0x01, 0x2a)) + 3, u16le(width, height))
}

/** The same for the lossless one: 14 bits each, after its signature, and a bit that tells of transparency. */
const sized = (bytes: Buffer, width: number, height: number): Buffer =>
  patched(bytes, bytes.indexOf('VP8L') + 9, u32le((2 ** 28 + (height - 1) * 2 ** 14 + width - 1) % 2 ** 32))

const claimingLossless = async (width: number, height: number): Promise<Buffer> => sized(await SAMPLES['webp-lossless'](1), width, height)

const SMALL = [16, 16] as const

export const WEBPS: HostileImage[] = [
  accepted('webp-limit', lossy(5_000, 5_000)),
  accepted('webp-limit-lossless', lossless(5_000, 5_000)),
  accepted('webp-limit-moving', () => moving([5_000, 5_000], 500)),
  accepted('webp-limit-kept-moving', () => moving([200, 200], 200)),
  accepted('webp-limit-large-frames-kept-moving', () => moving([2_000, 2_000], 2)),
  refused('webp-bomb-claimed', () => claiming(12_000, 12_000)),
  refused('webp-bomb-claimed-16383', () => claiming(16_383, 16_383)),
  refused('webp-bomb-just-above', () => claiming(5_001, 5_000)),
  refused('webp-bomb-lossless-claimed', () => claimingLossless(12_000, 12_000)),
  refused('webp-bomb-lossless-16384', () => claimingLossless(16_384, 16_384)),
  refused('webp-bomb-lossless', lossless(16_383, 16_383)),
  refused('webp-bomb-moving', () => moving([12_000, 12_000], 2)),
  refused('webp-bomb-moving-16384', () => moving([16_384, 16_384], 500)),
  refused('webp-bomb-canvas', () => moving([0x1000000, 0x1000000], 1)),
  refused('webp-bomb-canvas-that-overflows', () => moving([65_537, 65_535], 1)),
  refused('webp-501-frames', () => moving(SMALL, 501)),
  refused('webp-50000-frames', () => moving(SMALL, 50_000)),
  refused('webp-claims-more-than-there-is', () => claiming(4_000, 4_000)),
  refused('webp-claims-more-than-there-is-lossless', () => claimingLossless(4_900, 4_900)),
  refused('webp-claims-nothing', () => claiming(0, 0)),
  either('webp-canvas-larger-than-the-picture', async () => webp(canvas(4_000, 4_000), coded(await SAMPLES.webp(2)))),
  either('webp-canvas-smaller-than-the-picture', async () => webp(canvas(1, 1), coded(await SAMPLES.webp(2)))),
  either('webp-canvas-smaller-than-a-bomb', async () => webp(canvas(16, 16), coded(await claiming(16_000, 16_000)))),
  either('webp-frame-larger-than-the-canvas', async () => moving(SMALL, 2, { width: 10_000, height: 10_000 })),
  either('webp-frame-outside-the-canvas', () => moving(SMALL, 2, { left: 60_000, top: 60_000 })),
  either('webp-frame-that-is-a-bomb', async () => webp(canvas(...SMALL, ANIMATED), riff('ANIM', Buffer.alloc(6)), frame(coded(await claiming(16_000, 16_000)), { width: 16, height: 16 }))),
  ...[0, 1, 0xff_ffff].map((delay) => accepted(`webp-delay-${delay}`, () => moving([32, 32], 5, { delay }))),
  ...[0, 1, 2, 3].map((flags) => accepted(`webp-disposal-${flags}`, () => moving([32, 32], 5, { flags, left: 8, top: 8 }))),
  refused('webp-moving-without-frames', () => webp(canvas(...SMALL, ANIMATED), riff('ANIM', Buffer.alloc(6)))),
  ...[[12_000, 1], [1, 12_000]].map(([width = 0, height = 0]) => accepted(`webp-aspect-${width}x${height}`, lossy(width, height))),
  ...[[16_383, 10], [10, 16_383]].map(([width = 0, height = 0]) => refused(`webp-aspect-${width}x${height}`, lossy(width, height))),
  refused('webp-alpha-without-a-picture', () => webp(canvas(...SMALL, ALPHA), riff('ALPH', Buffer.alloc(64)))),
  either('webp-alpha-of-noise', async () => webp(canvas(120, 80, ALPHA), riff('ALPH', Buffer.alloc(64, 0x9d)), coded(await SAMPLES.webp(3)))),
  either('webp-profile-of-megabytes', async () => webp(canvas(120, 80, 0x20), riff('ICCP', Buffer.alloc(6_000_000, 0x61)), coded(await SAMPLES.webp(3)))),
  either('webp-100000-chunks', async () => webp(canvas(120, 80), ...Array<Buffer>(100_000).fill(riff('VISG', Buffer.alloc(2))), coded(await SAMPLES.webp(3)))),
  either('webp-shorter-than-it-says', async () => patched(await SAMPLES.webp(4), 4, u32le(0x7fff_ffff))),
  either('webp-longer-than-it-says', async () => patched(await SAMPLES.webp(4), 4, u32le(30))),
  refused('webp-empty', () => webp()),
]
