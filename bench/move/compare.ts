import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import Sqlite from 'better-sqlite3'
import { join } from 'node:path'
import { createPool } from '../../src/db/postgres/client.ts'
import { tables } from '../../src/db/index.ts'
import { fileName } from '../../src/images/formats.ts'
import type { Store } from '../../src/images/store/index.ts'

/** How the rows of a table are read past the service, in the order of their keys: as objects, whatever order their columns have. */
export type Read = (table: string, by: readonly string[]) => AsyncIterable<Record<string, unknown>>

/** The rows of a data folder. */
export const rowsIn = (dataDir: string): Read => async function * (table, by) {
  const sql = new Sqlite(join(dataDir, 'visage.db'), { readonly: true })
  try {
    yield * sql.prepare<[], Record<string, unknown>>(`select * from "${table}" order by ${by.join(', ')}`).iterate()
  } finally {
    sql.close()
  }
}

const AT_ONCE = 5_000

/** The rows of a database of PostgreSQL. */
export const rowsAt = (url: string): Read => async function * (table, by) {
  const pool = createPool({ connectionString: url, max: 1 })
  const client = await pool.connect()
  try {
    await client.query(`begin; declare everything cursor for select * from "${table}" order by ${by.join(', ')}`)
    for (;;) {
      const { rows } = await client.query<Record<string, unknown>>(`fetch ${AT_ONCE} from everything`)
      if (rows.length === 0) return
      yield * rows
    }
  } finally {
    client.release(true)
    await pool.end()
  }
}

const lineOf = (row: Record<string, unknown>): string => JSON.stringify(Object.entries(row).toSorted(([a], [b]) => a < b ? -1 : 1))

/** Compares all rows one by one. Resolves to how many there are, and how many differ. */
export async function compareRows (one: Read, other: Read): Promise<{ rows: number, differ: number }> {
  const sum = { rows: 0, differ: 0 }
  for (const { name, columns, key } of tables) {
    const by = key.map((i) => columns[i] as string)
    const right = other(name, by)[Symbol.asyncIterator]()
    for await (const row of one(name, by)) {
      const { value } = await right.next() as { value?: Record<string, unknown> }
      sum.rows++
      if (value === undefined || lineOf(value) !== lineOf(row)) sum.differ++
    }
    while (!(await right.next()).done) sum.differ++
  }
  return sum
}

/** The hash of every stored file, by what it is called. */
export async function hashesOf (store: Store): Promise<Map<string, string>> {
  const hashes = new Map<string, string>()
  for (const kind of ['avatar', 'cover'] as const) {
    for await (const page of store.list(kind, { most: 1_000 })) {
      await Promise.all(page.map(async ({ name, size }) => {
        if (name === undefined || size === undefined) return
        const opened = await store.open({ kind, name, size })
        if (opened !== undefined) hashes.set(`${kind} ${fileName(name, size)}`, createHash('sha256').update(await buffer(opened.body)).digest('hex'))
      }))
    }
  }
  return hashes
}
