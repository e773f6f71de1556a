import { framesOf, scansOf, sizesOf } from './containers.ts'
import { decoder, FAIL_ON } from './decoder.ts'
import type { ImageFinding } from './errors.ts'
import { excess, excessPages, FORMATS, MAX_SCANS, type Header, type ImageFormat } from './formats.ts'
import { holdsOtherCodec } from './magic.ts'

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
  // sharp tells the codec by the first brand alone, which anyone can write.
  if (FORMATS.avif.matches(bytes) && holdsOtherCodec(bytes)) return { code: 'unsupported_image', params: { format: 'HEIC' } }
  let found
  try {
    // Without the limit the header of a bomb can be read and its size be told; nothing is decoded here.
    found = await decoder(bytes, { failOn: FAIL_ON, limitInputPixels: false }).metadata()
  } catch {
    return { code: 'invalid_image' }
  }
  const { autoOrient: { width, height }, pages = 1, isProgressive, orientation, depth, space, chromaSubsampling } = found
  // No other loader is open.
  const format = found.format === 'heif' ? 'avif' : found.format as ImageFormat
  const isHeavy = depth === 'ushort' || space === 'cmyk' || (format === 'jpeg' && chromaSubsampling === '4:4:4')
  return { format, width, height, pages, isProgressive, orientation, isHeavy }
}
