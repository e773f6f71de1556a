export type DatabaseErrorCode = 'DATABASE_BUSY' | 'DATABASE_FULL' | 'DATABASE_UNCERTAIN'

/** What can go wrong with any engine, in words of our own; whatever else is thrown passes through as it is. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  readonly code: DatabaseErrorCode

  constructor (code: DatabaseErrorCode, cause: unknown) {
    super((cause as Error).message, { cause })
    this.code = code
  }
}

type FolderErrorCode = 'INSTANCE_LOCKED' | 'NO_DATA_FOLDER' | 'DATABASE_LOST' | 'PICTURES_LOST' | 'STORE_ELSEWHERE' | 'DATABASE_NEWER' | 'SERVER_OLDER' | 'UPDATE_FAILED' | 'SEAL_KEY_LOST'
  | 'MOVED' | 'MOVE_UNFINISHED' | 'MOVE_REFUSED' | 'MOVE_FAILED'
  | 'DATABASE_UNREACHABLE' | 'DATABASE_UNFIT' | 'NO_BACKUP' | 'BACKUP_BUSY' | 'BACKUP_DAMAGED' | 'BACKUP_NEWER' | 'BACKUP_FAILED' | 'RESTORE_REFUSED'

/** What keeps a program from working on a data folder, in one sentence for its operator. Nothing was changed in it. */
export class FolderError extends Error {
  override readonly name = 'FolderError'
  readonly code: FolderErrorCode

  constructor (code: FolderErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/**
 * SQLite's words by what they begin with. After an I/O error nobody knows whether the commit is on the disk. In WAL mode a read finds
 * the file busy while another process recovers the log of one that died (BUSY_RECOVERY), or when it has lost too many races (PROTOCOL).
 */
const CODES: [string, DatabaseErrorCode][] = [['SQLITE_BUSY', 'DATABASE_BUSY'], ['SQLITE_PROTOCOL', 'DATABASE_BUSY'], ['SQLITE_FULL', 'DATABASE_FULL'], ['SQLITE_IOERR', 'DATABASE_UNCERTAIN']]

/** What the triggers say of a database that was moved: the request is for the new place, once this one is stopped. */
export const MOVED = 'this database was moved'

export function translated (error: unknown): unknown {
  const word = String((error as { code?: unknown } | undefined)?.code)
  if (word === 'SQLITE_CONSTRAINT_TRIGGER' && (error as Error).message === MOVED) return new DatabaseError('DATABASE_BUSY', error)
  const known = CODES.find(([start]) => word.startsWith(start))
  return known === undefined ? error : new DatabaseError(known[1], error)
}
