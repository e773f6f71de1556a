import { createRequire } from 'node:module'
import type { Pool, PoolClient, PoolConfig } from 'pg'
import { dbOver } from './builder.ts'
import type { Db } from '../drizzle.ts'

export type { Connection, Pool, PoolClient } from 'pg'

const require = createRequire(import.meta.url)
const [BOOL, INT8] = [16, 20]

/** Opens connections as they are needed. The driver is loaded by the first call. */
export function createPool (options: PoolConfig): Pool {
  const { Pool, types } = require('pg') as typeof import('pg')
  const parse = (oid: number, format?: unknown) => oid === INT8 ? Number : oid === BOOL ? (text: string) => Number(text === 't') : types.getTypeParser(oid, format as 'text')
  const pool = new Pool({ ...options, types: { getTypeParser: parse as never } })
  // A connection that is lost while nobody asks on it is told by what is asked next, or not at all.
  pool.on('error', () => {}).on('connect', (client) => { client.on('error', () => {}) })
  return pool
}

/** Names by which plans are kept, the same on every connection. */
const names = new Map<string, string>()
function nameOf (statement: string): string {
  const name = names.get(statement) ?? `s${names.size}`
  names.set(statement, name)
  return name
}

/** The builder of statements for one connection, which takes them one after the other. */
export function dbOn (client: PoolClient): Db {
  let last: Promise<unknown> = Promise.resolve()
  return dbOver((text, values, { isPrepared, isMapped }) => {
    const query = { text, values, ...isPrepared && { name: nameOf(text) }, ...isMapped && { rowMode: 'array' as const } }
    const sent = last.then(() => client.query(query as never)) as Promise<{ rows: unknown[], rowCount: number | null }>
    last = sent.catch(() => {})
    return sent.then(({ rows, rowCount }) => ({ rows, changes: rowCount ?? 0 }))
  })
}
