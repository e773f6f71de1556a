import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { encode as blurhash } from 'blurhash'
import { regionOf, squareAround, squareAt } from './cut.ts'
import type { Cut, Region } from './cut.ts'
import { decoder } from './decoder.ts'
import { SIZES } from './formats.ts'
import type { ImageKind } from './formats.ts'
import type { MadeFile, Raw } from './made.ts'
import { startOf, THUMBNAIL } from './subject.ts'

/**
 * A fifth more bytes than sharp's own quality of 80, because a recut is made from the main file and loses twice. Alpha is
 * kept without loss. More effort saves one byte in fifty and doubles the time.
 */
export const WEBP = { quality: 85, effort: 4 } as const
/** Of what is mostly seen: a quarter more bytes at most, for red edges that are not frayed. Too dear for the main file. */
export const WEBP_SMALL = { ...WEBP, smartSubsample: true } as const
const HASH_SIDE = 32
const HASH_PARTS = [4, 3] as const

const open = ({ data, info: { width, height, channels } }: Raw) => decoder(data, { raw: { width, height, channels } })

/** The upright picture's smaller files, each written where `fileOf` says. */
export async function writeVariants (main: Raw, { kind, cut, source, fileOf }: { kind: ImageKind, cut: Cut, source: { width: number, height: number }, fileOf: (size: number) => string }): Promise<MadeFile[]> {
  const part = kind === 'avatar' ? await square(main, cut, source) : { left: 0, top: 0, width: main.info.width, height: main.info.height }
  return await together(...SIZES[kind].map(async (size) => {
    const { data, info } = await open(main).extract(part).resize({ width: size, height: kind === 'avatar' ? size : undefined, withoutEnlargement: true })
      .webp(WEBP_SMALL).toBuffer({ resolveWithObject: true })
    return await written(fileOf(size), size, data, info)
  }))
}

/** The square that all sizes of an avatar are cut from, so that they show the same. */
async function square (main: Raw, cut: Cut, source: { width: number, height: number }): Promise<Region> {
  const region = regionOf(main.info, cut, source)
  if (cut.focus) return squareAround(region, cut.focus, main.info)
  if (region.width === region.height) return region
  const { data, info } = await open(main).extract(region).resize({ width: THUMBNAIL, height: THUMBNAIL, fit: 'inside', kernel: 'linear' })
    .ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  return squareAt(region, startOf({ data, width: info.width, height: info.height }))
}

/** Like Promise.all, but fails only when nothing is at work any more that could still write a file. */
export async function together<T extends unknown[]> (...promises: { [I in keyof T]: Promise<T[I]> }): Promise<T> {
  await Promise.allSettled(promises)
  return await Promise.all(promises)
}

/** Flushed by the handle that wrote, because that one is sure to learn of a failed write; and not by sharp, so that a full disk does not look like a bad picture. */
export async function written (file: string, size: MadeFile['size'], data: Buffer, measures: { width: number, height: number }): Promise<MadeFile> {
  await writeFile(file, data, { flag: 'wx', mode: 0o644, flush: true })
  return fileOf(size, data, measures)
}

/** What is noted of a file. */
export const fileOf = (size: MadeFile['size'], data: Buffer, { width, height }: { width: number, height: number }): MadeFile =>
  ({ size, width, height, bytes: data.length, sha256: createHash('sha256').update(data).digest('hex') })

/** What stands in for the picture while it loads. */
export async function placeholder (main: Raw): Promise<{ blurhash: string, color: string }> {
  const small = await open(main).resize({ width: HASH_SIDE, height: HASH_SIDE, fit: 'fill' }).ensureAlpha().raw().toBuffer()
  const pixels = new Uint8ClampedArray(small.buffer, small.byteOffset, small.length)
  return { blurhash: blurhash(pixels, HASH_SIDE, HASH_SIDE, ...HASH_PARTS), color: dominant(pixels) }
}

/** The colour that most pixels are near: the middle of the fullest of 16 × 16 × 16 boxes. sharp's stats() takes longer, and at times names a box that holds fewer. */
function dominant (pixels: Uint8ClampedArray): string {
  const counts = new Map<string, number>()
  for (let at = 0; at < pixels.length; at += 4) {
    const box = `#${[...pixels.subarray(at, at + 3)].map((value) => `${(value >> 4).toString(16)}8`).join('')}`
    counts.set(box, (counts.get(box) ?? 0) + 1)
  }
  return [...counts].reduce((most, entry) => entry[1] > most[1] ? entry : most)[0]
}
