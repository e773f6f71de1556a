import type { ImageKind } from './formats.ts'

/** What is wrong with a picture, in words that the core can hand on as a field error. */
export type ImageFinding =
  | { code: 'empty_file' }
  | { code: 'invalid_image' }
  | { code: 'unsupported_image', params: { format: string } }
  | { code: 'image_pixels', params: { max: number, found: number } }
  | { code: 'image_side', params: { max: number, found: number } }
  | { code: 'image_pages', params: { max: number, found: number } }
  /** A crop that is not inside the picture, of which this is the size. */
  | { code: 'image_crop', params: { width: number, height: number } }

export type ImageErrorCode =
  | 'IMAGE_TOO_LARGE' | 'IMAGE_INVALID' | 'IMAGE_UNAVAILABLE'
  /** A published file that is not there, or is there and cannot be read. */
  | 'IMAGE_MISSING' | 'IMAGE_DAMAGED'
  | 'STORE_FULL'

interface Details {
  /** Of IMAGE_TOO_LARGE: the kind, its limit in bytes, and how many had come when it was passed. */
  params?: { kind: ImageKind, max: number, least: number }
  /** Of IMAGE_INVALID: what judge() would have said, or did say. */
  finding?: ImageFinding
  cause?: unknown
}

/** What this folder throws; errors of the disk pass through as Node made them. */
export class ImageError extends Error {
  readonly code: ImageErrorCode
  declare readonly params?: { kind: ImageKind, max: number, least: number }
  declare readonly finding?: ImageFinding

  constructor (code: ImageErrorCode, message: string, { cause, ...details }: Details) {
    super(message, { cause })
    this.name = 'ImageError'
    this.code = code
    Object.assign(this, details)
  }
}

export function tooLarge (kind: ImageKind, max: number, least: number): ImageError {
  return new ImageError('IMAGE_TOO_LARGE', `the ${kind} has more than ${max} bytes`, { params: { kind, max, least } })
}

export function invalid (finding: ImageFinding): ImageError {
  return new ImageError('IMAGE_INVALID', `the picture cannot be used: ${finding.code}`, { finding })
}

export function unavailable (reason: string): ImageError {
  return new ImageError('IMAGE_UNAVAILABLE', reason, {})
}

export const missing = (what: string): ImageError => new ImageError('IMAGE_MISSING', `${what} is not there`, {})

export const damaged = (reason: string, cause?: unknown): ImageError => new ImageError('IMAGE_DAMAGED', reason, { cause })

export const full = (reason: string, cause?: unknown): ImageError => new ImageError('STORE_FULL', reason, { cause })

export const isDamaged = (error: unknown): boolean => (error as { code?: unknown }).code === 'IMAGE_DAMAGED'
