import Sqlite from 'better-sqlite3'
import { databaseOf } from './folder.ts'
import { compareWith } from './snapshot.ts'

/**
 * Ends in the database of a folder what has ended since in that of another folder, of the same service; and, where a time is given,
 * every session; what was minted elsewhere before that counts no more either. Returns whether that other folder could be asked.
 */
export function endCredentials (dataDir: string, { since, at }: { since: string | undefined, at: number | undefined }): boolean {
  const connection = new Sqlite(databaseOf(dataDir))
  try {
    const isKnown = since !== undefined && endAsIn(connection, databaseOf(since))
    if (at !== undefined) {
      connection.prepare('update sessions set revoked_at = ? where revoked_at is null').run(at)
      connection.prepare('update keys set revoked_at = ? where revoked_at is null and session_id is not null').run(at)
      connection.prepare('update users set revoked_at = ?').run(at)
    }
    return isKnown
  } finally {
    connection.close()
  }
}

function endAsIn (connection: Sqlite.Database, file: string): boolean {
  compareWith(connection, file)
  try {
    connection.exec(`
      begin;
      update sessions set revoked_at = (select late.revoked_at from before.sessions as late where late.id = sessions.id and late.created_at = sessions.created_at) where revoked_at is null;
      update keys set revoked_at = (select late.revoked_at from before.keys as late where late.hash = keys.hash) where revoked_at is null;
      update users set revoked_at = nullif(max(coalesce(revoked_at, 0), coalesce((select late.revoked_at from before.users as late where late.id = users.id), 0)), 0);
      commit`)
    return true
  } catch (error) {
    // A database of another version may have other columns.
    if ((error as { code?: unknown }).code !== 'SQLITE_ERROR') throw error
    if (connection.inTransaction) connection.exec('rollback')
    return false
  }
}
