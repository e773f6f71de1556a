import { isDeepStrictEqual } from 'node:util'
import type { Database as Connection } from 'better-sqlite3'
import { asc, sql } from '../../drizzle.ts'
import type { BetterSQLite3Database } from '../../drizzle.ts'
import { users } from '../../schema.ts'
import { HALVES } from './halves.ts'
import type { Half } from './halves.ts'
import { GIVEN_UP, stateOf } from './state.ts'
import { sumsOfAccounts, sumsOfIndex } from './sums.ts'
import { rowOf, SEARCHED, SHORTEST, sourcesOf, textsOf } from '../../search/texts.ts'
import type { Source } from '../../search/texts.ts'

/** What the engine keeps of a half, but for texts. */
const PARTS = ['', '_data', '_idx', '_docsize', '_config']

const READ_AT_ONCE = 500

/** Whether the index is in step with the accounts. It does not keep their texts: they are compared by sums, and where those differ it is asked for each text. */
export function searchChecks (db: BetterSQLite3Database, connection: Connection) {
  const state = stateOf(db)
  const page = db.select(sourcesOf(users)).from(users).where(sql`${users.id} > ${sql.placeholder('after')}`).orderBy(asc(users.id)).limit(sql.placeholder('limit')).prepare()
  const hasTable = connection.prepare("select 1 from sqlite_master where type = 'table' and name = ?").pluck()

  /** Everybody up to this account. */
  function * upTo (last: number): Generator<Source> {
    for (let after = 0; ;) {
      const rows = page.all({ after, limit: READ_AT_ONCE })
      for (const row of rows) if (row.id <= last) yield row
      const next = rows.at(-1)?.id
      if (next === undefined || next > last) return
      after = next
    }
  }

  /** Prepared when it is used, because a half may be missing. */
  const ask = (half: Half) => ({
    rows: connection.prepare<[bigint, bigint], { number: number, sz: Buffer }>(`select id & 15 as number, sz from ${half}_docsize where id between ? and ?`),
    finds: connection.prepare<[string, bigint]>(`select 1 from ${half} where ${half} match ? and rowid = ?`),
    strays: connection.prepare<[bigint, number], number>(`select id >> 4 from ${half}_docsize where id >= ? and id >> 4 not in (select id from users) order by id limit ?`).pluck(),
  })

  /** Whether the index has exactly the texts of an account, each of them once and whole. */
  function isInStep (account: Source, halves: ReturnType<typeof ask>[]): boolean {
    const texts = textsOf(account)
    const found = halves.flatMap(({ rows, finds }) => rows.all(rowOf(account.id, 0), rowOf(account.id, 15)).map((row) => ({ ...row, finds })))
    return found.length === texts.filter((text) => text !== '').length && found.every(({ number, sz, finds }) => {
      const text = texts[number] ?? ''
      return text !== '' && lengthOf(sz) === [...text].length && finds.get(`"${text.replaceAll('"', '""')}"`, rowOf(account.id, number)) !== undefined
    })
  }

  return {
    /** What is wrong with the index as a whole, as far as the engine does not say so. */
    async damage (): Promise<string[]> {
      const missing = HALVES.flatMap((half) => PARTS.map((part) => `${half}${part}`)).filter((table) => hasTable.get(table) === undefined)
      return [...missing.map((table) => `the table ${table} is missing`), ...state.read().indexedTo === GIVEN_UP ? ['it could not be written, and was given up'] : []]
    },

    /** Whether the index has what the accounts say that it should have by now, and nothing else. When not, `differing` and `strays` say of whom. */
    async isInStep (): Promise<boolean> {
      return db.transaction(() => {
        const { indexedTo } = state.read()
        return isDeepStrictEqual(sumsOfIndex(connection), sumsOfAccounts(upTo(indexedTo)))
      })
    },

    /** Reads so many accounts. Resolves to those that are found by something else than what they say, if the index is to be asked, and the last one looked at. Those that are not in it yet are found all the same. */
    async differing (from: number, most: number, asks: boolean): Promise<{ ids: number[], looked: number, last: number | undefined }> {
      return db.transaction(() => {
        const { indexedTo } = state.read()
        const rows = page.all({ after: from, limit: most })
        const indexed = asks ? rows.filter(({ id }) => id <= indexedTo) : []
        const halves = indexed.length === 0 ? [] : HALVES.map(ask)
        return { ids: indexed.filter((row) => !isInStep(row, halves)).map(({ id }) => id), looked: rows.length, last: rows.at(-1)?.id }
      })
    },

    /** Those that are in the index and nowhere else. */
    async strays (from: number, most: number): Promise<number[]> {
      const ids = HALVES.flatMap((half) => ask(half).strays.all(rowOf(from + 1, 0), most * SEARCHED.length))
      return [...new Set(ids)].sort((a, b) => a - b).slice(0, most)
    },
  }
}

/** How many letters a text of the index has: the engine notes its trigrams, as a number of seven bits a byte. */
const lengthOf = (size: Buffer): number => size.reduce((sum, byte) => sum * 128 + (byte & 127), 0) + SHORTEST - 1
