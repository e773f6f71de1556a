import { FolderError } from '../db/errors.ts'
import { isFull, troubleOf } from '../disk.ts'

/** What an operator can mend, in one sentence. To be asked before anything is removed, which makes room. */
export function inWords (dir: string, error: unknown): unknown {
  const isSaid = error instanceof FolderError && !isFull(dir, error)
  const trouble = isSaid || (error as FolderError).code === 'BACKUP_FAILED' ? undefined : troubleOf(dir, error)
  return trouble === undefined ? error : new FolderError('BACKUP_FAILED', trouble, { cause: error })
}
