import type { Bare, Row, Value } from '../bare.ts'
import { FolderError } from '../errors.ts'
import { MAKE_FACTS } from '../facts.ts'
import { movesOf } from '../moves.ts'
import { tables } from '../tables.ts'
import { placeOf, wayTo } from './address.ts'
import { createPool } from './client.ts'
import { copyInto } from './copy.ts'
import { causeOf, translated } from './errors.ts'
import { factsIn } from './facts.ts'

const AT_ONCE = 1_000
/** For how long writers may keep it waiting who wants to be the only one. */
const PATIENCE = '30s'
/** What a new database has rows in. */
const BEGUN = new Set(['profile_fields'])

const quoted = (name: string): string => `"${name}"`
const list = (names: readonly string[]): string => names.map(quoted).join(', ')
const marks = (count: number): string => Array.from({ length: count }, (_, i) => `$${i + 1}`).join(', ')

/** Something that is put back when all rows are there. */
interface Aside { away: string, back: string }

/** A PostgreSQL database, beside the processes that run on it or without, by one connection of a pool of its own. */
export async function openBarePostgres (url: string): Promise<Bare> {
  const place = placeOf(url)
  const pool = createPool(wayTo(url, 1))
  const client = await pool.connect().catch(async (error: unknown) => {
    await pool.end()
    throw new FolderError('DATABASE_UNREACHABLE', `VISAGE_DATABASE_URL: the database at ${place} cannot be opened: ${causeOf(error).message}`, { cause: error })
  })

  async function ask<R = Row> (text: string, values: unknown[] = [], rowMode?: 'array'): Promise<R[]> {
    try {
      const { rows } = await client.query({ text, values, ...rowMode && { rowMode } } as { text: string, values: unknown[] })
      return rows as R[]
    } catch (error) {
      throw translated(error)
    }
  }

  const has = async (table: string): Promise<boolean> => (await ask<{ has: number }>('select to_regclass($1) is not null as has', [quoted(table)]))[0]?.has === 1

  async function isEmpty (): Promise<boolean> {
    for (const { name } of tables) {
      if (!BEGUN.has(name) && await has(name) && (await ask(`select 1 from ${quoted(name)} limit 1`)).length > 0) return false
    }
    return true
  }

  /** What a table is slower to fill with, by how it is taken away and put back: keys to other tables before the indexes that those need. */
  async function takeAside (): Promise<void> {
    const names = tables.map(({ name }) => name)
    const keys = await ask<Aside>(`select format('alter table %s drop constraint %I', conrelid::regclass, conname) as away, format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as back
      from pg_constraint where contype = 'f' and conrelid = any($1::text[]::regclass[])`, [names])
    const indexes = await ask<Aside>(`select format('drop index %s', indexrelid::regclass) as away, pg_get_indexdef(indexrelid) as back
      from pg_index where indrelid = any($1::text[]::regclass[]) and not exists (select 1 from pg_constraint where conindid = indexrelid)`, [names])
    for (const { away } of [...keys, ...indexes]) await ask(away)
    aside.push(...indexes, ...keys)
  }
  const aside: Aside[] = []

  return {
    place,
    moves: async () => movesOf(await factsIn(client)),

    async claim (from) {
      await ask('begin')
      try {
        // Of two that want to move here, one is the first.
        await ask("select pg_advisory_xact_lock(hashtext('visage move'))")
        const { movingFrom, movedTo } = movesOf(await factsIn(client))
        if (movingFrom !== undefined && movingFrom !== from) throw new FolderError('MOVE_REFUSED', `${place} is being filled from ${movingFrom}, and that was not finished: choose another database, or drop it`)
        if (movedTo !== undefined || (movingFrom === undefined && !await isEmpty())) throw new FolderError('MOVE_REFUSED', `${place} is not empty: choose a new database`)
        await ask(MAKE_FACTS)
        await ask("insert into __visage values ('moving_from', $1) on conflict do nothing", [from])
        await ask('commit')
      } catch (error) {
        await ask('rollback')
        throw error
      }
    },

    async hold () {
      await ask('begin')
      await ask(`set local lock_timeout = '${PATIENCE}'`)
      await ask('set local statement_timeout = 0')
      await ask('set local idle_in_transaction_session_timeout = 0')
      try {
        await ask(`lock table ${list([...tables.map(({ name }) => name), '__visage'])} in share row exclusive mode`)
      } catch (error) {
        await ask('rollback')
        throw error
      }
    },

    count: async ({ name }) => (await ask<{ count: number }>(`select count(*) as count from ${quoted(name)}`))[0]?.count ?? 0,

    async * rows ({ name, columns, key }) {
      const by = list(key.map((i) => columns[i] as string))
      const page = async (where: string, values: Value[] = []) => await ask(`select ${list(columns)} from ${quoted(name)} ${where} order by ${by} limit ${AT_ONCE}`, values, 'array')
      for (let rows = await page(''); rows.length > 0;) {
        yield rows
        const last = rows.at(-1) as Row
        rows = rows.length < AT_ONCE ? [] : await page(`where (${by}) > (${marks(key.length)})`, key.map((i) => last[i] as Value))
      }
    },

    async numbers () {
      const given = await ask<{ name: string, number: number }>(`select name, last_value as number from unnest($1::text[]) as name, pg_sequences
        where schemaname = current_schema() and sequencename = name || '_id_seq' and last_value is not null`, [tables.flatMap(({ name, isNumbered }) => isNumbered ? [name] : [])])
      return new Map(tables.flatMap(({ name }) => given.filter((row) => row.name === name).map(({ number }) => [name, number] as const)))
    },

    async facts (...names) {
      const noted = await factsIn(client)
      return Object.fromEntries(names.flatMap((name) => noted[name] === undefined ? [] : [[name, noted[name]]]))
    },

    async clear (tables) {
      await ask(`truncate ${list(tables.map(({ name }) => name))} restart identity cascade`)
      await takeAside()
    },

    async add (table, rows) {
      const { name, columns, key } = table
      for (const row of rows) {
        const at = row.findIndex((value) => typeof value === 'string' && value.includes('\0'))
        if (at >= 0) throw new FolderError('MOVE_REFUSED', `${columns[at]} of ${name} ${key.map((i) => row[i]).join(' ')} holds U+0000, which PostgreSQL cannot keep: change it first`)
      }
      await copyInto(client, table, rows).catch((error: unknown) => { throw translated(error) })
    },

    async filled () {
      for (const { back } of aside.splice(0)) await ask(back)
      // Nobody is to wait until it does so by itself.
      await ask(`analyze ${list(tables.map(({ name }) => name))}`)
    },

    async countFrom (numbers) {
      for (const [name, number] of numbers) await ask("select setval(pg_get_serial_sequence($1, 'id'), $2)", [name, number])
    },

    async note (facts) {
      for (const [name, value] of Object.entries(facts)) {
        await ask('delete from __visage where name = $1', [name])
        if (value !== null) await ask('insert into __visage values ($1, $2)', [name, value])
      }
    },

    async shut (isShut) {
      const names = [...tables.map(({ name }) => name), '__visage']
      // As an error of a server that cannot be asked just now: the request is for the new place.
      if (isShut) await ask("create or replace function visage_moved() returns trigger language plpgsql as $$ begin raise exception 'this database was moved' using errcode = '57P03'; end $$")
      for (const name of names) await ask(isShut ? `create trigger visage_moved before insert or update or delete or truncate on ${quoted(name)} for each statement execute function visage_moved()` : `drop trigger if exists visage_moved on ${quoted(name)}`)
      if (!isShut) await ask('drop function if exists visage_moved()')
    },

    async commit () { await ask('commit') },
    async rollback () { await ask('rollback') },
    async close () {
      client.release()
      await pool.end()
    },
  }
}
