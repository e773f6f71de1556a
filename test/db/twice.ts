import type { Database } from '../../src/db/index.ts'

const undone = new Error('undone')

/**
 * From now on this database runs every work twice, and takes the first run back: as an engine does that finds out at the end of a
 * work that another one was before it. Whoever is answered must not notice.
 */
export function runTwice (db: Database): void {
  const { write, writeAll } = db
  Object.assign(db, {
    async write (work) {
      // What it throws, it throws again.
      await write(async (tx) => {
        await work(tx)
        throw undone
      }).catch(() => {})
      return await write(work)
    },
    async writeAll (works, keep) {
      await writeAll(works, 'none')
      return await writeAll(works, keep)
    },
  } satisfies Pick<Database, 'write' | 'writeAll'>)
}
