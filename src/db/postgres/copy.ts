import { createRequire } from 'node:module'
import type { Connection, PoolClient } from './client.ts'
import type { Row } from '../bare.ts'

const require = createRequire(import.meta.url)

/** What would end a value or a row, or begin something else. */
const SIGNS: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }
const SIGN = /[\\\n\r\t]/
const EVERY_SIGN = /[\\\n\r\t]/g

function worded (value: Row[number]): string {
  if (value === null) return '\\N'
  return typeof value === 'string' && SIGN.test(value) ? value.replace(EVERY_SIGN, (sign) => SIGNS[sign] ?? sign) : String(value)
}

/** Adds rows by COPY, which takes a fraction of what an INSERT takes. */
export function copyInto (client: PoolClient, { name, columns }: { name: string, columns: readonly string[] }, rows: readonly Row[]): Promise<void> {
  const { Query } = require('pg') as typeof import('pg')
  const lines = rows.map((row) => `${row.map(worded).join('\t')}\n`).join('')
  return new Promise((resolve, reject) => {
    const ended = (error: unknown) => { if (error) reject(error); else resolve() }
    const query = Object.assign(new Query(`copy "${name}" (${columns.map((column) => `"${column}"`).join(', ')}) from stdin`), {
      callback: ended,
      handleCopyInResponse (connection: Connection & { sendCopyFromChunk: (chunk: Buffer) => void, endCopyFrom: () => void }) {
        connection.sendCopyFromChunk(Buffer.from(lines))
        connection.endCopyFrom()
      },
    })
    client.query(query)
  })
}
