import type { PoolClient } from './client.ts'
import type { Numbers } from '../engine.ts'

/** The sequences from which ids are given. */
const NUMBERED = ['users', 'groups', 'tags', 'profile_fields', 'avatars', 'keys', 'changes']
const sequenceOf = (table: string): string => `${table}_id_seq`

export function numbersOf (client: PoolClient): Numbers {
  return {
    async highest () {
      const { rows } = await client.query<{ name: string, given: number | null }>('select sequencename as name, last_value as given from pg_sequences where schemaname = current_schema() and sequencename = any($1) order by 1', [NUMBERED.map(sequenceOf)])
      return Object.fromEntries(rows.flatMap(({ name, given }) => given === null ? [] : [[name.replace(/_id_seq$/, ''), given]]))
    },

    async countFrom (highest) {
      for (const [table, number] of Object.entries(highest)) {
        if (!NUMBERED.includes(table) || number < 1) continue
        await client.query(`select setval('${sequenceOf(table)}', greatest($1, case when is_called then last_value else 0 end)) from ${sequenceOf(table)}`, [number])
      }
    },
  }
}
