import { decoder, FAIL_ON } from './decoder.ts'
import type { ImageFinding } from './errors.ts'
import { excess, FORMATS, type Header, type ImageFormat } from './formats.ts'
import { holdsOtherCodec } from './magic.ts'

/** Reads the header only: either what is wrong with the picture, or what it says of itself. Runs in the child. */
export async function judge (bytes: Buffer): Promise<{ finding: ImageFinding } | { header: Header }> {
  const header = await read(bytes)
  if ('code' in header) return { finding: header }
  const finding = excess(header)
  return finding ? { finding } : { header }
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
  const { autoOrient: { width, height }, pages = 1, isProgressive, orientation } = found
  // No other loader is open.
  const format = found.format === 'heif' ? 'avif' : found.format as ImageFormat
  return { format, width, height, pages, isProgressive, orientation }
}
