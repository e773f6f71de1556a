import { createHash } from 'node:crypto'
import type { PoolClient } from './client.ts'
import { readMigrationFiles } from '../drizzle.ts'
import { FolderError } from '../errors.ts'
import { MAKE_FACTS } from '../facts.ts'
import { LAYOUT } from '../search/texts.ts'
import { causeOf } from './errors.ts'
import { functions } from './functions.ts'

interface Options {
  /** Where the migrations lie. */
  folder: string
  /** Of this program. */
  version: string
}

export interface Migrations {
  /** How many steps are missing. Throws DATABASE_NEWER. */
  missing: (client: PoolClient) => Promise<number>
  /** Whether the database is what this program works with. Throws DATABASE_NEWER when a newer one has been at it. */
  isDone: (client: PoolClient) => Promise<boolean>
  /** Whether all is there that this program works with, whatever a newer one has added since it started. */
  isEnough: (client: PoolClient) => Promise<boolean>
  /** Makes it so, one process at a time. Throws DATABASE_NEWER; UPDATE_FAILED, and then nothing was changed. */
  run: (client: PoolClient) => Promise<void>
}

// The library's own table and names, so that its tools see what was applied.
const MAKE_APPLIED = 'create table if not exists __drizzle_migrations (id serial primary key, hash text not null, created_at bigint)'
/** Held while a process looks for what is missing, and applies it: a number of our own. */
const LOCK = 5_646_001

export function createMigrations ({ folder, version }: Options): Migrations {
  const known = readMigrationFiles({ migrationsFolder: folder })
  /** By what it is told whether the functions are those of this program: `folded` and its like change with the program, not with the tables. */
  const made = createHash('sha256').update(`${version} ${LAYOUT}`).digest('hex')

  const has = async (client: PoolClient, table: string): Promise<boolean> => (await client.query('select to_regclass($1) is not null as is', [table])).rows[0].is === 1
  const fact = async (client: PoolClient, name: string): Promise<string | undefined> => await has(client, '__visage')
    ? (await client.query('select value from __visage where name = $1', [name])).rows[0]?.value as string | undefined
    : undefined

  const appliedIn = async (client: PoolClient): Promise<number[]> => await has(client, '__drizzle_migrations')
    ? (await client.query('select created_at from __drizzle_migrations')).rows.map(({ created_at: at }) => Number(at))
    : []

  async function pending (client: PoolClient) {
    const applied = await appliedIn(client)
    if (applied.some((at) => !known.some(({ folderMillis }) => folderMillis === at))) {
      const writer = await fact(client, 'version')
      throw new FolderError('DATABASE_NEWER', `the database was written by ${writer === undefined || writer === version ? 'a newer version' : `version ${writer}`}, and this is ${version}, which would damage it: install that version`)
    }
    return known.filter(({ folderMillis }) => !applied.includes(folderMillis))
  }

  async function apply (client: PoolClient): Promise<void> {
    for (const { sql, hash, folderMillis } of await pending(client)) {
      for (const statement of sql) await client.query(statement)
      await client.query('insert into __drizzle_migrations (hash, created_at) values ($1, $2)', [hash, folderMillis])
    }
    if (await fact(client, 'functions') !== made) for (const statement of functions()) await client.query(statement)
    const note = 'insert into __visage values ($1, $2) on conflict (name) do update set value = excluded.value'
    for (const [name, value] of [['version', version], ['functions', made]]) await client.query(note, [name, value])
  }

  const missing = async (client: PoolClient): Promise<number> => (await pending(client)).length + (await fact(client, 'functions') === made ? 0 : 1)
  const isDone = async (client: PoolClient): Promise<boolean> => await missing(client) === 0

  return {
    missing,
    isDone,

    async isEnough (client) {
      const applied = await appliedIn(client)
      return known.every(({ folderMillis }) => applied.includes(folderMillis))
    },

    async run (client) {
      await client.query('select pg_advisory_lock($1)', [LOCK])
      try {
        if (await isDone(client)) return
        await client.query('begin')
        await client.query(MAKE_APPLIED)
        await client.query(MAKE_FACTS)
        await apply(client)
        await client.query('commit')
      } catch (error) {
        await client.query('rollback')
        if (error instanceof FolderError) throw error
        throw new FolderError('UPDATE_FAILED', `the update of the database to ${version} failed, and nothing was changed: ${causeOf(error).message}`, { cause: error })
      } finally {
        await client.query('select pg_advisory_unlock($1)', [LOCK])
      }
    },
  }
}
