import type { Database as Connection } from 'better-sqlite3'
import type { Fact } from '../facts.ts'

/** What a database file notes of itself, whether or not it has any other tables yet. */
export function factsIn (connection: Connection): Partial<Record<Fact, string>> {
  if (connection.prepare("select 1 from sqlite_master where name = '__visage'").get() === undefined) return {}
  const noted = connection.prepare('select name, value from __visage').all() as { name: string, value: string }[]
  return Object.fromEntries(noted.map(({ name, value }) => [name, value]))
}
