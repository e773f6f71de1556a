import { statSync } from 'node:fs'
import type { Database as Connection } from 'better-sqlite3'
import type { Queries } from '../queries.ts'
import * as schema from '../schema.ts'
import { getTableName, isTable } from '../drizzle.ts'

const TABLES = Object.values(schema).filter((value) => isTable(value)).map((table) => getTableName(table))
const undone = new Error('undone')

interface Needs {
  reading: Connection
  file: string
  write: <T>(work: (tx: Queries) => Promise<T>) => Promise<T>
  isCurrent: () => boolean
}

/** What the service asks its database to learn whether requests would succeed. Each resolves to what is wrong. */
export function createProbes ({ reading, file, write, isCurrent }: Needs) {
  const { ino } = statSync(file)
  const names = reading.prepare("select name from sqlite_master where type = 'table'").pluck()

  return {
    /** Whether the file is there and takes a write, down to the disk: what is written is undone, and goes through the log of the database all the same. */
    async database (): Promise<string | undefined> {
      if (statSync(file, { throwIfNoEntry: false })?.ino !== ino) return 'visage.db is not the file that the service has open: it was moved or replaced'
      const found = new Set(names.all())
      const gone = TABLES.filter((table) => !found.has(table))
      if (gone.length > 0) return `tables are missing: ${gone.join(', ')}`
      try {
        await write(async (tx) => {
          await tx.facts.set('written_at', String(Date.now()))
          throw undone
        })
      } catch (error) {
        if (error !== undone) throw error
      }
      return undefined
    },

    /** Whether its tables are those of this program. */
    async migrations (): Promise<string | undefined> {
      return isCurrent() ? undefined : 'the database is not up to date: restart the service'
    },
  }
}
