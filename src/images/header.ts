import type { ImageFinding } from './errors.ts'
import { FORMATS, MAX_FRAME_PIXELS, MAX_FRAMES, MAX_PAGES, MAX_SIDE } from './formats.ts'
import type { ImageFormat } from './formats.ts'

/** What a picture says of itself, upright. */
export interface Header {
  format: ImageFormat
  width: number
  height: number
  /** The picture that is shown, among those of the file. */
  page?: number
  pages: number
  isProgressive: boolean
  /** As EXIF counts it: 1, or none, is how it lies there. */
  orientation?: number | undefined
  /** Of samples of two bytes, of four inks, or a JPEG with as much of colour as of light. */
  isHeavy: boolean
  /** Of samples of two bytes. */
  isDeep?: boolean
  /** What its ICC profile is of: `RGB `, `GRAY`, `CMYK` and so on. */
  profile?: string | undefined
  /** What to decode it to before its profile is applied, where the decoder would not do that by itself. */
  space?: 'srgb' | 'b-w' | undefined
  /** That the decoder would show another part of the canvas. */
  isCut?: boolean
  /** How long each frame is shown, in milliseconds, and how often all of them, where 0 is for ever. */
  timing?: { delay: number[], loop: number }
}

/** Whether an animation stays one: it is small enough, and need not be turned, which cannot be done to one frame at a time. */
export const isKeptMoving = ({ format, pages, width, height, orientation = 1 }: Header): boolean =>
  FORMATS[format].isMoving === true && orientation === 1 && pages > 1 && pages <= MAX_FRAMES && pages * width * height <= MAX_FRAME_PIXELS

/** The most pixels that a picture with this header may have. */
export function maxPixels ({ format, isProgressive, isHeavy }: Header): number {
  const limits = FORMATS[format]
  // An AVIF is held whole always, the others only where all of it is needed for the first row.
  if (isHeavy && (isProgressive || format === 'avif')) return limits.maxPixelsHeavy ?? limits.maxPixels
  return isProgressive ? limits.maxPixelsProgressive ?? limits.maxPixels : limits.maxPixels
}

/** The first limit that a header exceeds, if any. */
export function excess (header: Header): ImageFinding | undefined {
  const side = Math.max(header.width, header.height)
  if (side > MAX_SIDE) return { code: 'image_side', params: { max: MAX_SIDE, found: side } }
  const pixels = header.width * header.height
  const max = maxPixels(header)
  if (pixels > max) return { code: 'image_pixels', params: { max, found: pixels } }
  return excessPages(header.pages)
}

/** The same for the frames alone. */
export function excessPages (found: number): ImageFinding | undefined {
  return found > MAX_PAGES ? { code: 'image_pages', params: { max: MAX_PAGES, found } } : undefined
}
