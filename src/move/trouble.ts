import { isFull, troubleOf } from '../disk.ts'
import { FolderError } from '../db/index.ts'

const OURS = /^(?:IMAGE_|STORE_)/

/** What an operator can mend, in one sentence. Whatever happened, the same move can be begun again. */
export function inWords (dir: string, error: unknown): unknown {
  if (error instanceof FolderError && !isFull(dir, error)) return error
  const { code, message } = error as { code?: unknown, message: string }
  const trouble = isFull(dir, error) || code === 'STORE_FULL' ? `there is no room for it at ${dir}` : OURS.test(String(code)) ? message : troubleOf(dir, error)
  return trouble === undefined ? error : new FolderError('MOVE_FAILED', `the move was broken off (${trouble}): repeat it`, { cause: error })
}
