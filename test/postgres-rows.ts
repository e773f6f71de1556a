// Tests look at rows, and put them, between two lines: so a thread asks PostgreSQL, and whoever asked stands still.
import type Sqlite from 'better-sqlite3'
import { join } from 'node:path'
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'

export interface Question { url: string, connection: number, text?: string, values?: unknown[] }
export type Reply = { rows: unknown[][], columns: string[], changes: number } | { error: string, code?: string }

const PATIENCE_MS = 20_000
const signal = new Int32Array(new SharedArrayBuffer(4))
let port: MessagePort | undefined
let connections = 0

function start (): MessagePort {
  const { port1, port2 } = new MessageChannel()
  new Worker(join(import.meta.dirname, 'postgres-rows-thread.ts'), { workerData: { signal, port: port2 }, transferList: [port2], execArgv: [] }).unref()
  port1.unref()
  return port1
}

function asked (question: Question): Exclude<Reply, { error: string }> {
  port ??= start()
  Atomics.store(signal, 0, 0)
  port.postMessage(question)
  if (Atomics.wait(signal, 0, 0, PATIENCE_MS) === 'timed-out') throw new Error(`PostgreSQL does not answer: ${question.text}`)
  const { message } = receiveMessageOnPort(port) as { message: Reply }
  if ('error' in message) throw Object.assign(new Error(`${message.error}: ${question.text}`), { code: message.code })
  return message
}

/** One statement on a connection of its own; it may fail with this code. */
export function withServer (url: string, text: string, unless?: string): void {
  const connection = connections++
  try {
    asked({ url, connection, text })
  } catch (error) {
    if ((error as { code?: string }).code !== unless) throw error
  } finally {
    asked({ url, connection })
  }
}

type Values = readonly unknown[]

/** `?` and `@name` as `$n`, and what the values are then. */
function numbered (sql: string, given: Values): { text: string, values: unknown[] } {
  const named = typeof given[0] === 'object' && given[0] !== null && !Array.isArray(given[0]) ? given[0] as Record<string, unknown> : undefined
  const rest = given.flat()
  const values: unknown[] = []
  const text = sql.replaceAll(/'(?:[^']|'')*'|\?|@(\w+)/g, (found, name?: string) => {
    if (found.startsWith("'")) return found
    values.push(name === undefined ? rest[values.length] : named?.[name])
    return `$${values.length}`
  })
  return { text, values }
}

const TRIGGER = /create trigger (\w+) (before|after) (insert|update|delete)( of \w+)? on (\w+)(?: when (.+?))? begin select raise\(abort, ('[^']*')\); end/gi

/** Who has all tables to write to, and keeps nobody from reading them. */
const LOCK = "do $$ begin execute (select 'lock table ' || string_agg(quote_ident(tablename), ', ') || ' in exclusive mode' from pg_tables where schemaname = 'public'); end $$"

/** Where SQLite says something in one breath, or otherwise. */
const worded = (sql: string): string => sql.replace(/\bbegin immediate\b/, () => `begin; ${LOCK}`).replaceAll(/\bdrop trigger((?: if exists)? \w+)/gi, 'drop function$1 cascade').replaceAll(/\bdrop table \w+/gi, '$& cascade')
  .replaceAll(TRIGGER, (_, name: string, when: string, what: string, of: string | undefined, table: string, condition: string | undefined, told: string) =>
    `create function ${name} () returns trigger language plpgsql as $$ begin raise exception ${told}; end $$;
     create trigger ${name} ${when} ${what}${of ?? ''} on ${table} for each row ${condition === undefined ? '' : `when (${condition})`} execute function ${name}()`)

/** What SQLite calls so. */
const PRAGMAS: Record<string, string> = {
  'foreign_keys = off': 'set session_replication_role = replica',
  // Its rows leave nothing behind that could be asked for.
  'secure_delete = on': 'select 1',
  'synchronous = off': 'set synchronous_commit = off',
}

/** As much of better-sqlite3 as tests use. */
export function openPostgresRows (url: string): Sqlite.Database {
  const connection = connections++
  const run = (sql: string, given: Values = []) => asked({ url, connection, ...numbered(sql, given) })

  function prepare (sql: string) {
    let shape: 'object' | 'first' | 'list' = 'object'
    let isSafe = false
    const valued = (row: unknown[]) => isSafe ? row.map((value) => Number.isInteger(value) ? BigInt(value as number) : value) : row
    const rowsOf = ({ rows, columns }: { rows: unknown[][], columns: string[] }) => rows.map(valued).map((row) =>
      shape === 'list' ? row : shape === 'first' ? row[0] : Object.fromEntries(columns.map((name, i) => [name, row[i]])))
    const statement = {
      all: (...values: Values) => rowsOf(run(sql, values)),
      get: (...values: Values) => rowsOf(run(sql, values))[0],
      run (...values: Values) {
        const { changes, rows } = run(/^\s*insert/i.test(sql) && !/returning/i.test(sql) ? `${sql} returning *` : sql, values)
        return { changes, lastInsertRowid: rows[0]?.[0] }
      },
      pluck () { shape = 'first'; return statement },
      raw () { shape = 'list'; return statement },
      safeIntegers () { isSafe = true; return statement },
    }
    return statement
  }

  return {
    prepare,
    exec: (sql: string) => { asked({ url, connection, text: worded(sql) }) },
    pragma (sql: string) {
      const text = PRAGMAS[sql.toLowerCase()]
      if (text === undefined) throw new Error(`PostgreSQL knows nothing like ${sql}`)
      asked({ url, connection, text })
    },
    transaction: <A extends unknown[], R>(work: (...about: A) => R) => (...about: A): R => {
      run('begin')
      try {
        const result = work(...about)
        run('commit')
        return result
      } catch (error) {
        run('rollback')
        throw error
      }
    },
    close: () => { asked({ url, connection }) },
  } as unknown as Sqlite.Database
}
