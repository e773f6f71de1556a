import type { Database } from '../../db/open.ts'
import type { Account } from '../../db/users.ts'

/** What was done to accounts, as the log of changes has it. */
export function createHistory ({ db }: { db: Database }) {
  return {
    /** The fields that changed since the account had this version, in the core's words; null when the log does not reach back so far. */
    async changedSince ({ id, version }: Pick<Account, 'id' | 'version'>, before: number): Promise<string[] | null> {
      const rows = (await db.read.changes.since(id, before)).filter((row) => row.version <= version)
      const isWhole = before <= version && new Set(rows.map((row) => row.version)).size === version - before
      return isWhole ? [...new Set(rows.flatMap(({ fields }) => fields))] : null
    },
  }
}

export type History = ReturnType<typeof createHistory>
