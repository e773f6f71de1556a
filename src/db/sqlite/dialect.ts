import type { Dialect } from '../dialect.ts'
import { sql } from '../drizzle.ts'
import { users } from '../schema.ts'

const STORED = { text: ['text'], integer: ['integer', 'real'], boolean: ['true', 'false'] } as const
const pathOf = (key: unknown) => typeof key === 'string' ? sql`${`$."${key}"`}` : sql`'$."' || ${key} || '"'`
const list = (given: unknown) => sql`select value from json_each(${given})`

export const sqlite: Dialect = {
  // From two small indexes; with a condition it would read every row.
  headCount: sql`(select count(*) from ${users}) - (select count(*) from ${users} where ${users.deletedAt} is not null)`,
  lower: (given) => sql`lower(${given})`,
  numbers: list,
  isAmong: (column, ids) => sql`${column} in (${list(JSON.stringify(ids))})`,
  texts: list,
  arrays: (values, order) => sql`json_group_array(json_array(${values}) order by ${order})`,
  textUnder: (object, key) => sql`${object} ->> (${pathOf(key)})`,
  hasUnder: (object, key, type) => sql`json_type(${object}, ${pathOf(key)}) in ${STORED[type]}`,
  asUnder: (value) => sql`${typeof value === 'boolean' ? Number(value) : value}`,
  contains: (field, text) => field === 'attributes' ? undefined : field === 'phone' ? sql`dials(${users.phone}, ${text}) = 1` : sql`says(${field === 'number' ? users.id : users[field]}, ${text}) = 1`,
  passingOver: sql``,
  keptFolded: () => undefined,
  words: (object) => sql`select key, value from json_each(${object}) where type in ('text', 'integer')`,
}
