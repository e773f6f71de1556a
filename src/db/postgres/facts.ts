import type { PoolClient } from './client.ts'
import type { Fact } from '../facts.ts'

/** What a database notes of itself, whether or not it has any other tables yet. */
export async function factsIn (client: PoolClient): Promise<Partial<Record<Fact, string>>> {
  const { rows: [table] } = await client.query<{ is: number }>("select to_regclass('__visage') is not null as is")
  if (table?.is !== 1) return {}
  const { rows } = await client.query<{ name: string, value: string }>('select name, value from __visage')
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]))
}
