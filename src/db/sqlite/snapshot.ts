import type { Database as Connection } from 'better-sqlite3'
import { connectTo } from './connection.ts'
import { databaseOf } from './folder.ts'
import type { PictureRow } from '../pictures.ts'
import type { PictureFile } from '../schema.ts'

/** A picture that the database names, and what it knows of its files as it lies there; null is nothing. */
export interface Stored { kind: PictureRow['kind'], name: string, recorded: string | null }

/** The files that the database knows of a picture; undefined is nothing. */
export const recordedOf = ({ recorded }: Stored): Pick<PictureFile, 'size' | 'sha256'>[] | undefined => recorded === null ? undefined : JSON.parse(recorded) as PictureFile[]

/** A server commits group after group: the turn of somebody else comes, though not at once. */
const PATIENCE_MS = 30_000
/** Some milliseconds each, so that progress can be told. */
const PAGES_AT_ONCE = 5_000

const RECORDED = 'select kind, name, files as recorded from pictures as now'
/** Names are never given twice, so that what is known by the same name and the same files is the same picture. */
const UNLIKE = 'where not exists (select 1 from before.pictures where name = now.name and files = now.files)'
const UNRECORDED = `
  select 'avatar' as kind, name, null as recorded from avatars where name not in (select name from pictures)
  union select 'avatar', avatar, null from users where avatar is not null and avatar not in (select name from pictures)
  union select 'cover', cover, null from users where cover is not null and cover not in (select name from pictures)`

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** The pictures that a database names; beside an earlier one, those that it did not know just so. */
export function picturesOf (connection: Connection, { isCompared = false } = {}): Stored[] {
  return connection.prepare(`${RECORDED} ${isCompared ? UNLIKE : ''} union all select * from (${UNRECORDED})`).all() as Stored[]
}

/** Has a connection compare with another database file. */
export function compareWith (connection: Connection, file: string): void {
  connection.exec(`attach ${quoted(file)} as before`)
}

/**
 * The database of a folder as it is at one moment, beside a server that goes on writing; `before` is a copy from an earlier
 * moment, if there is one. A picture is dropped by a commit, so none of a moment goes before the next commit.
 */
export function openSnapshot (dataDir: string, before?: string) {
  const file = databaseOf(dataDir)
  const [holding, reading] = [connectTo(file), connectTo(file)]
  holding.pragma(`busy_timeout = ${PATIENCE_MS}`)
  reading.pragma('query_only = ON')
  const isCompared = before !== undefined
  const close = (): void => {
    reading.close()
    holding.close()
  }
  try {
    if (isCompared) compareWith(reading, before)
  } catch (error) {
    close()
    throw error
  }

  return {
    /** Fixes the moment, and tells the pictures of it that `before` did not know just so. `isHeld`: nobody can commit until `release`. */
    fix (isHeld: boolean): Stored[] {
      if (isHeld) holding.exec('begin immediate')
      reading.exec('begin')
      return picturesOf(reading, { isCompared })
    },

    /** Gives the moment up for another one. */
    loosen (): void {
      reading.exec('rollback')
    },

    release (): void {
      if (holding.inTransaction) holding.exec('rollback')
    },

    /** Some pictures, as that moment knows them. */
    named (names: readonly string[]): Stored[] {
      const row = reading.prepare(`${RECORDED} where name = ?`)
      return names.flatMap((name) => row.all(name) as Stored[])
    },

    /** How many files that moment knows by their hashes. */
    recordedFiles: (): number => reading.prepare('select coalesce(sum(json_array_length(files)), 0) from pictures').pluck().get() as number,

    /** Copies that moment into an empty file, which is one whole file afterwards, with no log beside it. */
    async copy (to: string, onProgress: (done: number, of: number) => void): Promise<void> {
      await reading.backup(to, {
        progress ({ totalPages, remainingPages }) {
          onProgress(totalPages - remainingPages, totalPages)
          return PAGES_AT_ONCE
        },
      })
    },

    close,
  }
}

export type Snapshot = ReturnType<typeof openSnapshot>
