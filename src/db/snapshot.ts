import type { Database as Connection } from 'better-sqlite3'
import { connectTo } from './connection.ts'
import { databaseOf } from './folder.ts'
import type { PictureRow } from './pictures.ts'
import type { PictureFile } from './schema.ts'

/** A picture that the database names, and what it knows of its files as it lies there; null is nothing. */
export interface Stored { kind: PictureRow['kind'], name: string, recorded: string | null }

/** The files that the database knows of a picture; undefined is nothing. */
export const recordedOf = ({ recorded }: Stored): Pick<PictureFile, 'size' | 'sha256'>[] | undefined => recorded === null ? undefined : JSON.parse(recorded) as PictureFile[]

/** A server commits group after group: the turn of somebody else comes, though not at once. */
const PATIENCE_MS = 30_000
/** Some milliseconds each, so that progress can be told. */
const PAGES_AT_ONCE = 5_000

const RECORDED = 'select kind, name, files as recorded from pictures'
const UNRECORDED = `
  select 'avatar' as kind, name, null as recorded from avatars where name not in (select name from pictures)
  union select 'avatar', avatar, null from users where avatar is not null and avatar not in (select name from pictures)
  union select 'cover', cover, null from users where cover is not null and cover not in (select name from pictures)`

export const picturesOf = (connection: Connection): Stored[] =>
  connection.prepare(`${RECORDED} union all select * from (${UNRECORDED})`).all() as Stored[]

/**
 * The database of a folder as it is at one moment, beside a server that goes on writing. What it names can be secured first,
 * and the rest while it stands still: a picture is dropped by a commit, so none of this moment goes before `freeze` is done.
 */
export function openSnapshot (dataDir: string) {
  const file = databaseOf(dataDir)
  const [holding, reading] = [connectTo(file), connectTo(file)]
  holding.pragma(`busy_timeout = ${PATIENCE_MS}`)
  reading.pragma('query_only = ON')

  return {
    /** Before `freeze`: those of now. After it: those of that moment. */
    pictures: (): Stored[] => picturesOf(reading),

    /** Fixes the moment. Writers wait while `secure` is told which pictures there are that `isSecured` does not know. */
    async freeze (isSecured: (name: string) => boolean, secure: (fresh: Stored[]) => void): Promise<void> {
      holding.exec('begin immediate')
      try {
        reading.exec('begin')
        const fresh = (reading.prepare('select name from pictures').pluck().all() as string[]).filter((name) => !isSecured(name))
        const row = reading.prepare(`${RECORDED} where name = ?`)
        secure(fresh.map((name) => row.get(name) as Stored))
      } finally {
        holding.exec('rollback')
      }
    },

    /** Copies that moment into an empty file, which is one whole file afterwards, with no log beside it. */
    async copy (to: string, onProgress: (done: number, of: number) => void): Promise<void> {
      await reading.backup(to, {
        progress ({ totalPages, remainingPages }) {
          onProgress(totalPages - remainingPages, totalPages)
          return PAGES_AT_ONCE
        },
      })
    },

    close (): void {
      reading.close()
      holding.close()
    },
  }
}

export type Snapshot = ReturnType<typeof openSnapshot>
