import { boxesIn, contentOf, sizesOf } from './boxes.ts'
import { framesOf } from './chunks.ts'
import { decoder, FAIL_ON } from './decoder.ts'
import type { ImageFinding } from './errors.ts'
import { FORMATS, MAX_SCANS } from './formats.ts'
import type { ImageFormat } from './formats.ts'
import { canvasOf } from './gif.ts'
import { excess, excessPages } from './header.ts'
import type { Header } from './header.ts'
import { holdsOtherCodec } from './magic.ts'
import { scansOf } from './segments.ts'

/** Reads the header only: either what is wrong with the picture, or what it says of itself. Runs in the child. */
export async function judge (bytes: Buffer): Promise<{ finding: ImageFinding } | { header: Header }> {
  const header = excessParts(bytes) ?? await read(bytes)
  if ('code' in header) return { finding: header }
  const finding = excess(header) ?? excessInside(bytes, header)
  return finding ? { finding } : { header }
}

/** Of parts that a decoder would go through one by one. */
function excessParts (bytes: Buffer): ImageFinding | undefined {
  if (FORMATS.jpeg.matches(bytes) && scansOf(bytes) > MAX_SCANS) return { code: 'invalid_image' }
  return FORMATS.webp.matches(bytes) ? excessPages(framesOf(bytes)) : undefined
}

/** Of pictures inside, which may be larger than the one that is shown. */
function excessInside (bytes: Buffer, header: Header): ImageFinding | undefined {
  if (header.format !== 'avif') return undefined
  for (const [width, height] of sizesOf(bytes)) {
    const finding = excess({ ...header, width, height })
    if (finding) return finding
  }
  return undefined
}

async function read (bytes: Buffer): Promise<Header | ImageFinding> {
  if (FORMATS.avif.matches(bytes)) {
    if (holdsOtherCodec(bytes)) return { code: 'unsupported_image', params: { format: 'HEIC' } }
    // A film alone, without the still that most of them have beside it.
    if (contentOf(boxesIn(bytes), 'moov') && !contentOf(boxesIn(bytes), 'meta')) return { code: 'unsupported_image', params: { format: 'AVIF sequence' } }
  }
  let found
  try {
    // Without the limit the header of a bomb can be read and its size be told; nothing is decoded here.
    const headerOf = (page: number) => decoder(bytes, { failOn: FAIL_ON, limitInputPixels: false, page }).metadata()
    found = await headerOf(0)
    // Of the pictures in an AVIF the first need not be the one that is shown.
    if (found.pagePrimary) found = { ...await headerOf(found.pagePrimary), pagePrimary: found.pagePrimary }
  } catch {
    return { code: 'invalid_image' }
  }
  const { autoOrient, pages = 1, isProgressive, orientation, depth, chromaSubsampling, icc, pagePrimary: page = 0, delay = [], loop = 0 } = found
  // No other loader is open.
  const format = found.format === 'heif' ? 'avif' : found.format as ImageFormat
  const isHeavy = depth === 'ushort' || found.space === 'cmyk' || (format === 'jpeg' && chromaSubsampling === '4:4:4')
  const isDeep = depth === 'ushort'
  const profile = icc?.toString('latin1', 16, 20)
  const space = profile === undefined ? undefined : spaceFor(profile, { isDeep, isGrey: found.space === 'b-w' || found.space === 'grey16' })
  const { width, height } = (format === 'gif' ? canvasOf(bytes) : undefined) ?? autoOrient
  return { format, width, height, isCut: width !== autoOrient.width || height !== autoOrient.height, page, pages, isProgressive, orientation, isHeavy, isDeep, profile, space, timing: { delay, loop } }
}

/** sharp takes samples of two bytes to Display P3 by their profile and leaves them there, and grey ones as they are; nor does it apply a profile of three colours to one. */
function spaceFor (profile: string, { isDeep, isGrey }: { isDeep: boolean, isGrey: boolean }): Header['space'] {
  const isOfGrey = isGrey && profile === 'GRAY'
  if (isDeep) return isOfGrey ? 'b-w' : 'srgb'
  return isGrey && !isOfGrey ? 'srgb' : undefined
}
