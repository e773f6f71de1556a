import type { Database as Connection } from 'better-sqlite3'
import type { Numbers } from '../engine.ts'

/** The tables in which an id is never given twice. */
const NUMBERED = new Set(['users', 'groups', 'tags', 'profile_fields', 'avatars', 'keys', 'changes'])

/** Where SQLite notes the highest id of each table. */
export function numbersOf (connection: Connection): Numbers {
  return {
    async highest () {
      const rows = connection.prepare('select name, seq from sqlite_sequence order by name').all() as { name: string, seq: number }[]
      return Object.fromEntries(rows.filter(({ name }) => NUMBERED.has(name)).map(({ name, seq }) => [name, seq]))
    },

    async countFrom (highest) {
      const keep = connection.prepare('update sqlite_sequence set seq = max(seq, ?) where name = ?')
      const add = connection.prepare('insert into sqlite_sequence (name, seq) values (?, ?)')
      for (const [name, seq] of Object.entries(highest).filter(([name]) => NUMBERED.has(name))) if (keep.run(seq, name).changes === 0) add.run(name, seq)
    },
  }
}
