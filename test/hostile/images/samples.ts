import sharp from 'sharp'
import type { Sharp, SharpOptions } from 'sharp'
import { sequence } from '../../seeded.ts'

sharp.concurrency(1)
sharp.cache(false)

const WIDTH = 120
const HEIGHT = 80
const FRAMES = 6

/** Pixels with slopes, edges and some noise, so that every coder has something to say. */
function pixels (seed: number, channels: 3 | 4, frames = 1): Buffer {
  const random = sequence(seed)
  const bytes = Buffer.alloc(WIDTH * HEIGHT * channels * frames)
  for (let at = 0; at < bytes.length; at++) {
    const x = Math.floor(at / channels) % WIDTH
    const y = Math.floor(at / channels / WIDTH)
    bytes[at] = ((x >> 4) + (y >> 4)) % 2 * 90 + x + at % channels * 20 + random(24)
  }
  return bytes
}

const raw = (seed: number, channels: 3 | 4): Sharp => sharp(pixels(seed, channels), { raw: { width: WIDTH, height: HEIGHT, channels } })

const moving = (seed: number): Sharp => {
  const raw = { width: WIDTH, height: HEIGHT * FRAMES, channels: 3, pageHeight: HEIGHT } as NonNullable<SharpOptions['raw']>
  return sharp(pixels(seed, 3, FRAMES), { raw })
}

const CODERS = {
  'jpeg': (seed: number) => raw(seed, 3).jpeg().toBuffer(),
  'jpeg-progressive': (seed: number) => raw(seed, 3).jpeg({ progressive: true }).toBuffer(),
  'jpeg-cmyk': (seed: number) => raw(seed, 3).toColourspace('cmyk').jpeg().toBuffer(),
  'png': (seed: number) => raw(seed, 4).png().toBuffer(),
  'png-palette': (seed: number) => raw(seed, 3).png({ palette: true, colours: 32 }).toBuffer(),
  'png-interlaced': (seed: number) => raw(seed, 3).toColourspace('rgb16').png({ progressive: true }).toBuffer(),
  'webp': (seed: number) => raw(seed, 3).webp().toBuffer(),
  'webp-lossless': (seed: number) => raw(seed, 4).webp({ lossless: true }).toBuffer(),
  'webp-animated': (seed: number) => moving(seed).webp().toBuffer(),
  'gif': (seed: number) => raw(seed, 3).gif().toBuffer(),
  'gif-animated': (seed: number) => moving(seed).gif().toBuffer(),
  'avif': (seed: number) => raw(seed, 3).avif({ effort: 0 }).toBuffer(),
  'avif-alpha': (seed: number) => raw(seed, 4).avif({ effort: 0 }).toBuffer(),
}

export type SampleName = keyof typeof CODERS

/** The same for the same seed, and coded once: the damage is done to copies. */
function once (make: (seed: number) => Promise<Buffer>): typeof make {
  const made = new Map<number, Promise<Buffer>>()
  return (seed) => {
    const coded = made.get(seed) ?? make(seed)
    made.set(seed, coded)
    return coded
  }
}

/** Good pictures of our own, of every way to write one, to be damaged and dressed up. */
export const SAMPLES = Object.fromEntries(Object.entries(CODERS).map(([name, make]) => [name, once(make)])) as Record<SampleName, (seed: number) => Promise<Buffer>>

/** A picture of one colour, which compresses to nearly nothing. */
export const plain = (width: number, height: number, channels: 3 | 4 = 3): Sharp =>
  sharp({ create: { width, height, channels, background: { r: 90, g: 140, b: 200, alpha: 0.5 } }, limitInputPixels: false })
