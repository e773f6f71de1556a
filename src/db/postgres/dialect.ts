import type { Dialect } from '../dialect.ts'
import { sql } from '../drizzle.ts'
import type { SQLiteColumn } from '../drizzle.ts'
import { contains, search } from './search/table.ts'

const STORED = { text: 'string', integer: 'number', boolean: 'boolean' } as const

export const postgres: Dialect = {
  // Kept by triggers, in a row for each of a few connections: whoever makes people waits for nobody.
  headCount: sql`(select cast(coalesce(sum(people), 0) as bigint) from head_counts)`,
  lower: (given) => sql`lower(cast(${given} as text) collate "C")`,
  numbers: (list) => sql`select cast(item as bigint) as value from jsonb_array_elements_text(cast(${list} as jsonb)) as item`,
  // Of a list that it sees it knows how often each is there.
  isAmong: (column, ids) => sql`${column} = any(cast(${`{${ids.join()}}`} as bigint[]))`,
  texts: (list) => sql`select item as value from jsonb_array_elements_text(cast(${list} as jsonb)) as item`,
  arrays: (values, order) => sql`cast(coalesce(json_agg(json_build_array(${values}) order by ${order}), '[]') as text)`,
  textUnder: (object, key) => sql`cast(${object} as jsonb) ->> cast(${key} as text)`,
  hasUnder: (object, key, type) => sql`jsonb_typeof(cast(${object} as jsonb) -> cast(${key} as text)) is not distinct from ${STORED[type]}`,
  asUnder: (value) => sql`cast(${value === null ? null : String(value)} as text)`,
  contains,
  keptFolded: (field) => sql`${search[field] as SQLiteColumn}`,
  searched: search,
  passingOver: sql`for update skip locked`,
  words: (object) => sql`select key, value #>> '{}' as value from jsonb_each(cast(${object} as jsonb)) where jsonb_typeof(value) in ('string', 'number')`,
}
