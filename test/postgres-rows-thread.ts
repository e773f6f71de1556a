import { workerData } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { Client, types as parsers } from 'pg'
import type { Question, Reply } from './postgres-rows.ts'

const { signal, port } = workerData as { signal: Int32Array<SharedArrayBuffer>, port: MessagePort }
const clients = new Map<number, Promise<Client>>()
const [BOOL, INT8, NUMERIC] = [16, 20, 1700]
const types = { getTypeParser: (oid: number, format?: unknown) => oid === INT8 || oid === NUMERIC ? Number : oid === BOOL ? (text: string) => Number(text === 't') : parsers.getTypeParser(oid, format as 'text') }

const SETTINGS = "set search_path = public, words; set lock_timeout = '10s'"

/** What SQLite calls so, and tests ask for. */
const WORDS = `
  create schema if not exists words;
  create or replace view words.sqlite_sequence as select regexp_replace(sequencename, '_id_seq$', '') as name, last_value as seq from pg_sequences where schemaname = 'public' and last_value is not null order by 1;
  create or replace function words.add_up (float8, anyelement) returns float8 language sql immutable as $$ select $1 + coalesce(cast(cast($2 as text) as float8), 0) $$;
  create or replace aggregate words.total (anyelement) (sfunc = words.add_up, stype = float8, initcond = '0');
  create or replace function words.joined (text, text) returns text language sql immutable as $$ select case when $2 is null then $1 else coalesce($1 || ',', '') || $2 end $$;
  create or replace aggregate words.group_concat (text) (sfunc = words.joined, stype = text);
  create or replace function words.quote (anyelement) returns text language sql immutable as $$ select case when $1 is null then 'NULL' when pg_typeof($1) = 'text'::regtype then '''' || replace(cast($1 as text), '''', '''''') || '''' else cast($1 as text) end $$;
  ${SETTINGS}`

async function connected (url: string): Promise<Client> {
  const client = new Client({ connectionString: url, types: types as never })
  client.on('error', () => {})
  await client.connect()
  if (!url.includes('/postgres?')) await client.query(WORDS).catch(() => client.query(SETTINGS))
  return client
}

async function answer ({ url, connection, text, values = [] }: Question): Promise<Reply> {
  if (text === undefined) {
    const client = clients.get(connection)
    clients.delete(connection)
    await (await client)?.end()
    return { rows: [], columns: [], changes: 0 }
  }
  if (!clients.has(connection)) clients.set(connection, connected(url))
  const client = await clients.get(connection) as Client
  const result = await client.query(values.length === 0 ? { text, rowMode: 'array' } : { text, values, rowMode: 'array' })
  const { rows = [], fields = [], rowCount } = Array.isArray(result) ? result.at(-1) : result
  return { rows, columns: fields.map(({ name }: { name: string }) => name), changes: rowCount ?? 0 }
}

async function tell (question: Question): Promise<void> {
  port.postMessage(await answer(question).catch((error: Error & { code?: string }): Reply => ({ error: error.message, ...error.code !== undefined && { code: error.code } })))
  Atomics.store(signal, 0, 1)
  Atomics.notify(signal, 0)
}

port.on('message', (question: Question) => void tell(question))
