import type { PoolClient } from '../client.ts'
import { copyInto } from '../copy.ts'
import { asc, eq, sql } from '../../drizzle.ts'
import type { Db } from '../../drizzle.ts'
import type { Renewal, SearchIndex } from '../../engine.ts'
import { users } from '../../schema.ts'
import { SEARCHED, foldedTexts, sourcesOf } from '../../search/texts.ts'
import type { Source } from '../../search/texts.ts'
import { search } from './table.ts'

const FILLED_AT_ONCE = 2_000
const FILLED = { name: 'search', columns: ['user_id', ...SEARCHED.map((name) => search[name].name)] }

/** The row of an account, as it is to be. */
function rowOf (account: Source): typeof search.$inferInsert {
  const texts = foldedTexts(account)
  return { userId: account.id, ...Object.fromEntries(SEARCHED.map((name, i) => [name, texts[i] ?? ''])) } as typeof search.$inferInsert
}

/** Keeps the rows in step with the accounts, in the transactions that change those; whose account goes, their row goes by itself. */
export function createRenewal (db: Db): Renewal {
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const texts = Object.fromEntries(SEARCHED.map((name) => [name, value(name)]))
  const set = db.insert(search).values({ userId: value('userId'), ...texts } as never).onConflictDoUpdate({ target: search.userId, set: texts }).prepare()
  return {
    look: () => undefined,
    async note (_before, after) {
      if (after !== undefined) await set.run(rowOf(after))
    },
  }
}

export function searchQueries (db: Db, client: PoolClient, renewal: Renewal): SearchIndex {
  const one = db.select(sourcesOf(users)).from(users).where(eq(users.id, sql.placeholder('id'))).prepare()
  const some = db.select(sourcesOf(users)).from(users).where(sql`${users.id} > ${sql.placeholder('after')}`).orderBy(asc(users.id)).limit(FILLED_AT_ONCE).prepare()
  const page = db.select({ account: sourcesOf(users), row: search }).from(users).leftJoin(search, eq(search.userId, users.id))
    .where(sql`${users.id} > ${sql.placeholder('after')}`).orderBy(asc(users.id)).limit(sql.placeholder('limit')).prepare()

  async function differing (from: number, most: number) {
    const rows = await page.all({ after: from, limit: most })
    const ids = rows.filter(({ account, row }) => row === null || Object.entries(rowOf(account)).some(([name, text]) => row[name as keyof typeof row] !== text)).map(({ account }) => account.id)
    return { ids, looked: rows.length, last: rows.at(-1)?.account.id }
  }

  async function renew (userId: number): Promise<void> {
    await renewal.note(undefined, await one.get({ id: userId }))
  }

  return {
    differing,
    renew,
    damage: async () => [],
    // It keeps the texts themselves, so that comparing them is the question.
    isInStep: async () => false,
    strays: async () => [],
    async state () {
      return { indexedTo: Number.MAX_SAFE_INTEGER, openHalf: 0, hasLeftovers: false, passesLeft: 0, layout: 0, lastId: 0, isWhole: true, isGivenUp: false }
    },
    async makeAnew () {
      // It may take longer than a work may; and an index is made in a fraction of the time that it takes to be kept in step.
      await client.query('set local statement_timeout = 0')
      const isEmpty = await db.select({ userId: search.userId }).from(search).limit(1).get() === undefined
      const { rows: [index] } = await client.query<{ indexdef: string }>("select indexdef from pg_indexes where schemaname = current_schema() and indexname = 'search_texts'")
      if (isEmpty && index !== undefined) await client.query('drop index search_texts')
      await db.delete(search).run()
      for (let after = 0, accounts = await some.all({ after }); accounts.length > 0; accounts = await some.all({ after })) {
        await copyInto(client, FILLED, accounts.map((account) => [account.id, ...foldedTexts(account)]))
        after = accounts.at(-1)?.id ?? after
      }
      if (isEmpty && index !== undefined) await client.query(index.indexdef)
    },
    // What takes SQLite several commits is done with each work here.
    move: async () => {},
    compact: async () => {},
    sweep: async () => false,
  }
}
