import { getTableColumns, sql } from './drizzle.ts'
import type { SQL, SQLiteColumn, SQLiteTable } from './drizzle.ts'

// An edit sets whatever columns it names, so there is one statement for each set of columns that occurs; so it is with inserts.

const PREPARED = 256

/** The columns that these values are of, in an order that is always the same. */
export const namesOf = (values: object): string[] => Object.keys(values).sort()

/** The values as the driver takes them. drizzle's own encoding of placeholders turns null into 0 for booleans and 'null' for JSON. */
export function encode (table: SQLiteTable, values: object): Record<string, unknown> {
  const columns: Record<string, SQLiteColumn> = getTableColumns(table)
  return Object.fromEntries(Object.entries(values).map(([name, value]: [string, unknown]) =>
    [name, value === null ? null : (columns[name] as SQLiteColumn).mapToDriverValue(value)]))
}

/** Each column as a value that comes with the same name. */
export const placeholders = (names: readonly string[]): Record<string, SQL> => Object.fromEntries(names.map((name) => [name, sql`${sql.placeholder(name)}`]))

/** Statements by the columns that they name; the ones used last are kept. */
export function preparedBy<S> (prepare: (names: string[]) => S): (names: string[]) => S {
  const kept = new Map<string, S>()
  return (names) => {
    const key = names.join()
    const statement = kept.get(key) ?? prepare(names)
    kept.delete(key)
    kept.set(key, statement)
    if (kept.size > PREPARED) kept.delete(kept.keys().next().value ?? '')
    return statement
  }
}
