import { BOUNDS, FORMATS, MAX_FRAME_PIXELS, MAX_FRAMES, MAX_PAGES, MAX_SIDE, SIZES } from './formats.ts'
import type { ImageFormat, ImageKind } from './formats.ts'

/** What a picture of one kind is held to, and what is made of it: for telling people. */
export interface PictureLimits {
  /** Of the upload. */
  maxBytes: number
  formats: Record<ImageFormat, { maxPixels: number, maxPixelsProgressive?: number, maxPixelsHeavy?: number }>
  /** Pixels of the longer side. */
  maxSide: number
  maxFrames: number
  /** Where and up to what an animation stays one: its frames, and the pixels of all of them. */
  animated: { formats: readonly ImageFormat[], maxFrames: number, maxPixels: number }
  /** Both sides of the main picture are at most this long. */
  mainSide: number
  sizes: readonly number[]
}

const IMAGE_FORMATS = Object.keys(FORMATS) as ImageFormat[]

export function limitsOf (kind: ImageKind, maxBytes: number): PictureLimits {
  return {
    maxBytes,
    formats: FORMATS,
    maxSide: MAX_SIDE,
    maxFrames: MAX_PAGES,
    animated: { formats: IMAGE_FORMATS.filter((format) => FORMATS[format].isMoving), maxFrames: MAX_FRAMES, maxPixels: MAX_FRAME_PIXELS },
    mainSide: BOUNDS[kind],
    sizes: SIZES[kind]
  }
}
