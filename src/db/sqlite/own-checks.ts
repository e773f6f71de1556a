import type { Database as Connection } from 'better-sqlite3'
import type { OwnChecks, Stray } from '../engine.ts'
import { HALVES } from './search/halves.ts'

/** What the engine says of the whole file, or of one table. */
function quickCheck (connection: Connection, table?: string): string[] {
  try {
    return (connection.pragma(table === undefined ? 'quick_check' : `quick_check("${table}")`) as { quick_check: string }[]).map(({ quick_check: line }) => line)
  } catch (error) {
    const { code, message } = error as { code?: unknown, message: string }
    // It may stumble over what it looks for.
    if (!/^SQLITE_(CORRUPT|ERROR)/.test(String(code))) throw error
    return [message]
  }
}

/** Of an index that cannot even be opened the engine speaks at the cost of everything else: then it is asked for one table after the other. */
function check (connection: Connection): string[] {
  // FTS5 takes notice of what other connections have committed when it is asked, and not when it is checked (3.54.1).
  for (const half of HALVES) {
    try {
      connection.prepare(`select 1 from ${half} where rowid = 0`).get()
    } catch {
      // That is told in a moment.
    }
  }
  const said = quickCheck(connection)
  if (!said.some((line) => UNOPENED.test(line))) return said
  const tables = connection.prepare("select name from sqlite_master where type = 'table' and sql not like 'create virtual table %'").pluck().all() as string[]
  return [...said, ...tables.flatMap((table) => quickCheck(connection, table))]
}

const UNOPENED = /vtable constructor failed|invalid fts5 file format/
const isIndex = (message: string): boolean => /fts5/i.test(message) || UNOPENED.test(message)

/** What SQLite itself can say against a file. */
export function ownChecksOf (connection: Connection): OwnChecks {
  return {
    async ofEngine () {
      const said = check(connection).filter((line) => line !== 'ok')
      return { file: said.filter((line) => !isIndex(line)), index: said.filter(isIndex) }
    },

    async strays () {
      return connection.pragma('foreign_key_check') as Stray[]
    },

    async removeStray ({ table, rowid }) {
      // The engine's own words, and never a client's.
      connection.prepare(`DELETE FROM "${table}" WHERE rowid = ?`).run(rowid)
    },

    // It keeps no number.
    miscount: async () => undefined,
    async recount () {},
  }
}
