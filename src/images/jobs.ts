import type { Cut } from './cut.ts'
import type { ImageFinding } from './errors.ts'
import type { ImageKind } from './formats.ts'
import type { Made } from './made.ts'

// What the service and the process that decodes pictures say to each other.

export interface EncodeJob extends Cut {
  type: 'encode'
  kind: ImageKind
  file: string
  /** What the path of every file begins with that is written. */
  output: string
}

export interface RecutJob extends Omit<EncodeJob, 'type'> {
  type: 'recut'
  before: Made
}

/** Of a main file that stands alone. */
export interface CompleteJob extends Cut {
  type: 'complete'
  kind: ImageKind
  file: string
  output: string
  /** The size of the upright original, where it is known. */
  source?: { width: number, height: number }
}

export type Job = { type: 'judge', file: string, crop?: Cut['crop'] } | EncodeJob | RecutJob | CompleteJob

/** What the process answers at once, whatever it is at work on. */
export const PING = { type: 'ping' } as const
export const PONG = { type: 'pong' } as const

export interface Reply {
  finding?: ImageFinding
  made?: Made
  error?: { message: string, code?: string | undefined, errno?: number | undefined, syscall?: string | undefined }
}
