import type { OutputInfo } from 'sharp'
import type { Size } from './formats.ts'

/** One file of a published picture; `main` is the whole of it. */
export interface MadeFile { size: Size, width: number, height: number, bytes: number, sha256: string }

/** What came of encoding a picture. */
export interface Made {
  /** Of the upright original, in pixels. */
  sourceWidth: number
  sourceHeight: number
  isAnimated: boolean
  /** See https://blurha.sh. */
  blurhash: string
  /** The dominant colour as `#rrggbb`. */
  color: string
  files: MadeFile[]
}

/** Pixels, and what they are of. */
export interface Raw { data: Buffer, info: OutputInfo }
