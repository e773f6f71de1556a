import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import type { Sharp } from 'sharp'
import { box, heif } from '../hostile/images/isobmff.ts'
import type { Item } from '../hostile/images/isobmff.ts'
import { u16be, u8 } from '../hostile/images/bytes.ts'

interface PictureOptions {
  format?: 'jpeg' | 'png' | 'webp' | 'gif' | 'avif'
  width?: number
  height?: number
  colour?: { r: number, g: number, b: number }
  /** Adds a place, an artist and an orientation that stands the picture on its side. */
  exif?: boolean
}

export const ARTIST = 'Ada Lovelace was here'

/** A picture of one colour, with a white top left quarter that tells which way up it is. */
export async function picture (options: PictureOptions = {}): Promise<Buffer> {
  const { format = 'png', width = 64, height = 48, colour = { r: 200, g: 30, b: 60 }, exif = false } = options
  const quarter = { width: Math.ceil(width / 2), height: Math.ceil(height / 2), channels: 3 as const, background: 'white' }
  const whole = sharp({ create: { width, height, channels: 3, background: colour } })
    .composite([{ input: { create: quarter }, left: 0, top: 0 }])
  if (exif) {
    whole.withMetadata({ orientation: 6 }).withExifMerge({
      IFD0: { Artist: ARTIST },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1', GPSLongitudeRef: 'W', GPSLongitude: '0/1 7/1 0/1' }
    })
  }
  return whole.toFormat(format, format === 'avif' ? { effort: 0 } : {}).toBuffer()
}

/** A picture that compresses badly: the bytes are about as many as the pixels. */
export async function noise (format: 'jpeg' | 'png', width: number, height: number): Promise<Buffer> {
  // A PNG in shades of grey: in colours it has three bytes a pixel, and one with a palette takes seconds to make.
  if (format === 'png') return sharp(randomBytes(width * height), { raw: { width, height, channels: 1 } }).toColourspace('b-w').png().toBuffer()
  const create = { width, height, channels: 3 as const, noise: { type: 'gaussian' as const, mean: 128, sigma: 60 } }
  return sharp({ create: { ...create, background: 'black' } }).jpeg({ quality: 95 }).toBuffer()
}

/** A GIF of so many different frames. */
export async function animation (frames: number, { width, height } = { width: 4, height: 4 }, format: 'gif' | 'webp' = 'gif'): Promise<Buffer> {
  const pixels = Buffer.alloc(frames * width * height * 3, 0)
  for (let at = 0; at < pixels.length; at++) pixels[at] = at * 31 + Math.floor(at / (width * height * 3)) * 17
  return sharp(pixels, { raw: { width, height: height * frames, channels: 3, pageHeight: height } })[format]().toBuffer()
}

/** A PNG of a hundred bytes whose header claims the given size. */
export function pngClaiming (width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 6], 8)
  const data = Buffer.from('789c030000000001', 'hex')
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', data), chunk('IEND')])
}

function chunk (type: string, data = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}

/** The start of an ISO media file with the given brands, the first of them being the major one. */
export function ftyp (...names: string[]): Buffer {
  const [major = '', ...others] = names
  const body = Buffer.from(`ftyp${major}\0\0\0\0${others.join('')}`, 'latin1')
  const size = Buffer.alloc(4)
  size.writeUInt32BE(body.length + 4)
  return Buffer.concat([size, body, Buffer.alloc(64)])
}

/** The bytes as a request would bring them. */
export async function * chunks (bytes: Buffer | string, size = 65_536): AsyncGenerator<Buffer> {
  const all = Buffer.from(bytes)
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size)
}

// Without blocking: a thread that waits for the other end of a pipe would keep a failed test from ending.
const WRITE = constants.O_WRONLY | constants.O_NONBLOCK

/** The writing end of a named pipe, as soon as somebody reads it. */
export async function writeTo (pipe: string): Promise<FileHandle> {
  for (;;) {
    try {
      return await open(pipe, WRITE)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error
      await setImmediate()
    }
  }
}

/** Resolves when nobody reads a named pipe any more. */
export async function untilDeserted (pipe: string): Promise<void> {
  for (;;) {
    try {
      await (await open(pipe, WRITE)).close()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error
      return
    }
  }
}

/** What a picture in an AVIF says of its colours by the numbers of H.273. */
export const nclx = (primaries: number, curve: number): Buffer => box('colr', Buffer.from('nclx'), u16be(primaries, curve, 6), u8(0x80))
/** The same by a profile. */
export const colr = (profile: Buffer): Buffer => box('colr', Buffer.from('prof'), profile)

/** A coded picture with what it says of itself, to be put into an AVIF. */
export async function avifItem (pixels: Sharp, bitdepth: 8 | 10 | 12, ...properties: Buffer[]): Promise<Item> {
  const { data: file, info: { width, height } } = await pixels.avif({ quality: 90, effort: 0, bitdepth, chromaSubsampling: '4:4:4' }).toBuffer({ resolveWithObject: true })
  const found = (type: string): Buffer => {
    const at = file.indexOf(type) - 4
    return file.subarray(at, at + file.readUInt32BE(at))
  }
  return { type: 'av01', data: found('mdat').subarray(8), size: [width, height], properties: [found('av1C'), ...properties] }
}

/** An AVIF that says what its colours are. */
export const avif = async (...said: Parameters<typeof avifItem>): Promise<Buffer> => heif([await avifItem(...said)])
