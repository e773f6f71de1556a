import { text, u16le, u8 } from './bytes.ts'
import { accepted, either, refused } from './image.ts'
import type { HostileImage } from './image.ts'

/** `colour` is what the frame is of, and `hole` the colour that is none. */
interface Frame { width: number, height: number, left?: number, top?: number, delay?: number, disposal?: number, data?: Buffer, colour?: number, hole?: number }
interface Shape { width: number, height: number, frames: readonly Frame[], extra?: Buffer[] }

const CODE_BITS = 2
const FIRST = 2 ** CODE_BITS + 2
const LAST = 4_095

/** So many pixels of one colour: each code stands for one pixel more than the one before. */
function lzw (pixels: number, colour = 0): Buffer {
  const bytes: number[] = []
  let pending = 0
  let count = 0
  let bits = CODE_BITS + 1
  const put = (code: number): void => {
    pending |= code << count
    for (count += bits; count >= 8; count -= 8) {
      bytes.push(pending & 0xff)
      pending >>>= 8
    }
  }
  put(2 ** CODE_BITS)
  let next = FIRST - 1
  for (let left = pixels, run = 0; left > 0; left -= run) {
    run = Math.min(next === FIRST - 1 ? 1 : Math.min(next, LAST) - FIRST + 2, left)
    put(run === 1 ? colour : FIRST + run - 2)
    if (next <= LAST) next++
    if (next === 2 ** bits && bits < 12) bits++
  }
  put(2 ** CODE_BITS + 1)
  if (count > 0) bytes.push(pending & 0xff)
  return Buffer.from(bytes)
}

export function blocks (data: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < data.length; at += 255) parts.push(u8(Math.min(255, data.length - at)), data.subarray(at, at + 255))
  return Buffer.concat([...parts, u8(0)])
}

function frameOf ({ width, height, left = 0, top = 0, delay = 5, disposal = 0, colour = 0, hole, data = lzw(width * height, colour) }: Frame): Buffer {
  return Buffer.concat([u8(0x21, 0xf9, 4, disposal << 2 | Number(hole !== undefined)), u16le(delay), u8(hole ?? 0, 0, 0x2c), u16le(left, top, width, height), u8(0, CODE_BITS), blocks(data)])
}

export const PALETTE = u8(10, 20, 30, 200, 40, 60, 80, 160, 90, 250, 250, 250)

/** A picture of one colour. Frames that are the same object are coded once. */
export function gif ({ width, height, frames, extra = [] }: Shape): Buffer {
  const coded = new Map<Frame, Buffer>()
  for (const frame of frames) if (!coded.has(frame)) coded.set(frame, frameOf(frame))
  const body = frames.map((frame) => coded.get(frame) as Buffer)
  return Buffer.concat([text('GIF89a'), u16le(width, height), u8(0x91, 0, 0), PALETTE, ...extra, ...body, u8(0x3b)])
}

const times = (count: number, frame: Frame): Frame[] => Array<Frame>(count).fill(frame)
const single = (width: number, height: number): Buffer => gif({ width, height, frames: [{ width, height }] })
const DOT = { width: 1, height: 1 }
const SMALL = { width: 40, height: 30 }

export const GIFS: HostileImage[] = [
  accepted('gif-limit', () => single(4_000, 4_000)),
  accepted('gif-limit-moving', () => gif({ width: 4_000, height: 4_000, frames: times(200, { width: 4_000, height: 4_000 }) })),
  accepted('gif-limit-500-frames', () => gif({ ...SMALL, frames: times(500, SMALL) })),
  accepted('gif-limit-kept-moving', () => gif({ width: 200, height: 200, frames: times(200, { width: 200, height: 200 }) })),
  accepted('gif-limit-first-frame-smaller', () => gif({ width: 4_000, height: 4_000, frames: [{ width: 4_000, height: 3_999 }] })),
  accepted('gif-limit-first-frame-a-dot', () => gif({ width: 4_000, height: 4_000, frames: times(200, DOT) })),
  accepted('gif-limit-kept-moving-taken-away', () => gif({ width: 200, height: 200, frames: times(200, { width: 199, height: 200, disposal: 2 }) })),
  accepted('gif-limit-kept-moving-taken-back', () => gif({ width: 2_000, height: 2_000, frames: times(2, { width: 1_999, height: 2_000, disposal: 3 }) })),
  refused('gif-bomb', () => single(12_000, 12_000)),
  refused('gif-bomb-just-above', () => single(4_001, 4_000)),
  // The decoder takes the frames' size when the screen's is beyond belief.
  either('gif-screen-65535', () => gif({ width: 65_535, height: 65_535, frames: [DOT] })),
  either('gif-screen-60000', () => gif({ width: 60_000, height: 60_000, frames: times(2, DOT) })),
  refused('gif-501-frames', () => gif({ ...SMALL, frames: times(501, SMALL) })),
  refused('gif-20000-frames', () => gif({ ...SMALL, frames: times(20_000, DOT) })),
  refused('gif-300000-frames', () => gif({ width: 4_000, height: 4_000, frames: times(300_000, DOT) })),
  either('gif-frame-larger-than-the-screen', () => gif({ ...DOT, frames: [{ width: 20_000, height: 20_000 }] })),
  either('gif-frame-far-outside', () => gif({ ...SMALL, frames: [{ ...SMALL, left: 65_000, top: 65_000 }] })),
  either('gif-later-frame-larger-than-the-screen', () => gif({ ...SMALL, frames: [SMALL, { width: 16_000, height: 16_000 }] })),
  either('gif-small-first-frame-and-one-larger-than-the-screen', () => gif({ ...SMALL, frames: [DOT, { width: 12_000, height: 12_000 }] })),
  either('gif-small-first-frame-and-one-far-outside', () => gif({ ...SMALL, frames: [DOT, { ...SMALL, left: 65_000, top: 65_000, disposal: 2 }, { ...SMALL, left: 30, top: 20, disposal: 2 }] })),
  either('gif-small-first-frame-and-one-without-pixels', () => gif({ ...SMALL, frames: [DOT, { width: 0, height: 0, disposal: 2 }] })),
  either('gif-small-first-frame-and-codes-of-noise', () => gif({ ...SMALL, frames: [DOT, { ...SMALL, data: Buffer.alloc(5_000, 0xb7), disposal: 2 }] })),
  either('gif-frame-without-pixels', () => gif({ ...SMALL, frames: [{ width: 0, height: 0 }] })),
  either('gif-less-than-there-should-be', () => gif({ ...SMALL, frames: [{ ...SMALL, data: lzw(10) }] })),
  either('gif-more-than-there-should-be', () => gif({ ...SMALL, frames: [{ ...SMALL, data: lzw(50_000_000) }] })),
  either('gif-codes-of-noise', () => gif({ ...SMALL, frames: [{ ...SMALL, data: Buffer.alloc(5_000, 0xb7) }] })),
  refused('gif-without-frames', () => gif({ ...SMALL, frames: [] })),
  refused('gif-only-a-beginning', () => text('GIF89a')),
  refused('gif-claims-more-than-there-is', () => single(3_000, 3_000).subarray(0, 900)),
  either('gif-code-size-of-nonsense', () => {
    const bytes = single(40, 30)
    bytes[bytes.indexOf(0x2c, 25) + 10] = 200
    return bytes
  }),
  ...[[0, 0], [0, 30], [40, 0]].map(([width = 0, height = 0]) => either(`gif-claims-${width}x${height}`, () => gif({ width, height, frames: [SMALL] }))),
  ...[[12_000, 1], [1, 12_000]].map(([width = 0, height = 0]) => accepted(`gif-aspect-${width}x${height}`, () => single(width, height))),
  ...[[20_000, 10], [10, 20_000]].map(([width = 0, height = 0]) => refused(`gif-aspect-${width}x${height}`, () => single(width, height))),
  ...[1, 2, 3, 7].map((disposal) => accepted(`gif-disposal-${disposal}`, () => gif({ ...SMALL, frames: [{ ...SMALL, disposal }, { ...DOT, left: 9, disposal }, { ...SMALL, left: 5, top: 5, disposal }] }))),
  ...[0, 1, 65_535].map((delay) => accepted(`gif-delay-${delay}`, () => gif({ ...SMALL, frames: times(7, { ...SMALL, delay }) }))),
  accepted('gif-endless-loop', () => gif({ ...SMALL, frames: times(3, SMALL), extra: [u8(0x21, 0xff, 11), text('NETSCAPE2.0'), u8(3, 1, 0, 0, 0)] })),
  either('gif-extension-of-a-megabyte', () => gif({ ...SMALL, frames: [SMALL], extra: [u8(0x21, 0xfe), blocks(Buffer.alloc(1_000_000, 0x41))] })),
]
