// What a published picture shows, beside what it must show.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import type { Test } from 'tap'
import { folderFor } from '../helper.ts'
import type { Cut } from '../../src/images/cut.ts'
import { fileName, SIZES } from '../../src/images/formats.ts'
import type { ImageKind } from '../../src/images/formats.ts'
import { openImages } from '../../src/images/open.ts'
import type { Made } from '../../src/images/made.ts'
import { chunks } from './pictures.ts'
import type { Draw } from './written.ts'

/** Pixels of a picture, or of the first frame of one that moves. */
export interface Pixels { data: Buffer, width: number, height: number, channels: number }
export interface Seen extends Pixels { size: 'main' | number, bytes: number, pages: number }
export type Show = (bytes: Buffer, kind: ImageKind, cut?: Cut) => Promise<{ made: Made & { name: string }, files: Seen[], main: Buffer }>

/** Publishes pictures in a folder of its own and reads back every file, of which each is a plain sRGB WebP that tells nothing else. */
export async function gallery (t: Test): Promise<Show> {
  const dataDir = folderFor(t)
  const images = await openImages({ dataDir, maxBytes: { avatar: 20e6, cover: 20e6 } })
  t.teardown(() => images.close())
  return async (bytes, kind, cut = {}) => {
    const made = await images.publish(await images.stage(kind, chunks(bytes)), cut)
    t.same(made.files.map(({ size }) => size), ['main', ...SIZES[kind]])
    const read = (size: 'main' | number) => readFileSync(join(dataDir, 'media', `${kind}s`, fileName(made.name, size)))
    const files = await Promise.all(made.files.map(async ({ size, width, height, bytes }): Promise<Seen> => {
      const found = await sharp(read(size)).metadata()
      if (found.format !== 'webp' || found.space !== 'srgb' || found.width !== width || found.height !== height) t.match(found, { format: 'webp', space: 'srgb', width, height }, `${size}`)
      for (const key of ['exif', 'icc', 'xmp', 'iptc', 'orientation'] as const) if (key in found) t.fail(`${size} tells ${key}`)
      return { size, bytes, pages: found.pages ?? 1, ...await pixels(read(size)) }
    }))
    return { made, files, main: read('main') }
  }
}

export async function pixels (bytes: Buffer, page = 0): Promise<Pixels> {
  const { data, info: { width, height, channels } } = await sharp(bytes, { page }).raw().toBuffer({ resolveWithObject: true })
  return { data, width, height, channels }
}

export function drawn (width: number, height: number, channels: number, draw: Draw): Pixels {
  const data = Buffer.alloc(width * height * channels)
  for (let at = 0, y = 0; y < height; y++) for (let x = 0; x < width; x++) for (const value of draw(x, y)) data[at++] = value
  return { data, width, height, channels }
}

/** A part of a picture in another size, by libvips from pixels without loss. */
export async function scaled ({ data, width, height, channels }: Pixels, to: { width: number, height: number }, part = { left: 0, top: 0, width, height }): Promise<Pixels> {
  const raw = { width, height, channels: channels as 3 | 4 }
  return { ...to, channels, data: await sharp(data, { raw }).extract(part).resize({ ...to, fit: 'fill', kernel: 'lanczos3' }).raw().toBuffer() }
}

/** How far two pictures of one size are apart: the mean of all differences, and how many in a hundred pixels differ by more than 40. */
export function distance (found: Pixels, wanted: Pixels): { mean: number, far: number } {
  if (found.width !== wanted.width || found.height !== wanted.height || found.channels !== wanted.channels) return { mean: Infinity, far: 100 }
  const [count, { channels }] = [found.width * found.height, found]
  let [sum, far] = [0, 0]
  for (let at = 0; at < count; at++) {
    // Colours of what cannot be seen are nobody's business.
    const alpha = channels === 4 ? wanted.data[at * 4 + 3]! / 255 : 1
    let most = 0
    for (let i = 0; i < channels; i++) {
      const difference = Math.abs(found.data[at * channels + i]! - wanted.data[at * channels + i]!) * (i === 3 ? 1 : alpha)
      sum += difference
      most = Math.max(most, difference)
    }
    if (most > 40) far++
  }
  return { mean: sum / count / channels, far: far / count * 100 }
}

/** That a picture looks like another, within what a WebP of our quality loses: hardly anything on plain ground, a little along edges. */
export function looksLike (t: Test, found: Pixels, wanted: Pixels, what: string, { mean = 4, far = 5 } = {}): void {
  const found_ = distance(found, wanted)
  t.ok(found_.mean <= mean && found_.far <= far, what, { found: found_, sizes: [found, wanted].map(({ width, height, channels }) => [width, height, channels]) })
}

/** The decibels by which what two pictures show is louder than what they differ by. */
export function psnr (found: Pixels, wanted: Pixels): number {
  const sum = found.data.reduce((sum, value, i) => sum + (value - wanted.data[i]!) ** 2, 0)
  return 10 * Math.log10(255 ** 2 / (sum / found.data.length))
}
