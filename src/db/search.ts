import type { Database as Connection } from 'better-sqlite3'
import { asc, eq, getTableColumns, integer, sql, sqliteTable, text } from './drizzle.ts'
import type { BetterSQLite3Database, InferSelectModel } from './drizzle.ts'
import { folded } from './fold.ts'
import { users } from './schema.ts'
import type { Attributes } from './schema.ts'

/** The full-text index, an FTS5 table that a migration of its own makes: one row a person, every text folded. */
export const search = sqliteTable('search', {
  id: integer('rowid').notNull(),
  number: text('number').notNull(),
  username: text('username').notNull(),
  email: text('email').notNull(),
  phone: text('phone').notNull(),
  realName: text('real_name').notNull(),
  firstName: text('first_name').notNull(),
  lastName: text('last_name').notNull(),
  location: text('location').notNull(),
  description: text('description').notNull(),
  /** The declared fields, a line for each, so that nothing is found across two of them. */
  attributes: text('attributes').notNull(),
})

/** What a person can be found by. */
export type SearchText = Exclude<keyof typeof search.$inferSelect, 'id'>
type UserRow = InferSelectModel<typeof users>

const BATCH = 500

function textsOf (row: UserRow): Record<SearchText, string> {
  const { id, username, email, phone, realName, firstName, lastName, location, description, attributes } = row
  const texts = { number: String(id), username, email: email ?? '', phone: phone ?? '', realName, firstName, lastName, location, description, attributes: linesOf(attributes) }
  return Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, folded(value)])) as Record<SearchText, string>
}

const linesOf = (attributes: Attributes): string => Object.values(attributes).filter((value) => typeof value !== 'boolean').join('\n')

/** Keeps the index in step with the accounts: part of the transaction that changes them. */
export function searchIndex (db: BetterSQLite3Database) {
  const sources = Object.keys(getTableColumns(search)).filter((name) => name in users && name !== 'id')
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const id = value('id')
  const insert = db.insert(search).values({
    id, number: value('number'), username: value('username'), email: value('email'), phone: value('phone'), realName: value('realName'), firstName: value('firstName'),
    lastName: value('lastName'), location: value('location'), description: value('description'), attributes: value('attributes'),
  }).prepare()
  const remove = db.delete(search).where(eq(search.id, id)).prepare()
  const missing = db.select().from(users).where(sql`${users.id} > ${sql.placeholder('after')} and ${users.id} not in (select id from search_docsize)`)
    .orderBy(asc(users.id)).limit(BATCH).prepare()
  const add = (row: UserRow): void => { insert.run({ id: row.id, ...textsOf(row) }) }

  return {
    add,
    remove (userId: number): void { remove.run({ id: userId }) },

    /** Of an account that was changed: nothing to do unless what was set can be searched. */
    renew (row: UserRow, set: object): void {
      if (!sources.some((name) => name in set)) return
      remove.run({ id: row.id })
      add(row)
    },

    /** Whether the index has as many accounts as there are. Asked at each start, because looking up every account takes long. */
    isWhole (): boolean {
      return db.get<{ same: number }>(sql`select (select count(*) from ${users}) = (select count(*) from search_docsize) as same`).same === 1
    },

    /** Adds some of the accounts after this id that are not in the index because they are older than it. Returns the last id, or undefined when all are done. */
    catchUp (after: number): number | undefined {
      const rows = missing.all({ after })
      for (const row of rows) add(row)
      return rows.length === BATCH ? rows.at(-1)?.id : undefined
    },
  }
}

/** Whether the index is in step with the accounts, and how it gets there again. */
export function searchChecks (db: BetterSQLite3Database, connection: Connection) {
  const [after, limit] = [sql.placeholder('after'), sql.placeholder('limit')]
  const page = db.select().from(users).leftJoin(search, eq(search.id, users.id)).where(sql`${users.id} > ${after}`).orderBy(asc(users.id)).limit(limit).prepare()
  const strays = db.select({ id: search.id }).from(search)
    .where(sql`${search.id} > ${after} and ${search.id} not in (select ${users.id} from ${users})`).orderBy(asc(search.id)).limit(limit).prepare()
  const one = db.select().from(users).where(eq(users.id, sql.placeholder('id'))).prepare()
  const rebuild = connection.prepare("INSERT INTO search(search) VALUES ('rebuild')")
  const index = searchIndex(db)
  const differs = (row: UserRow, indexed: typeof search.$inferSelect | null): boolean =>
    indexed === null || Object.entries(textsOf(row)).some(([name, text]) => indexed[name as SearchText] !== text)

  return {
    /** Of so many accounts those that are found by something else than what they say, and the last one looked at. */
    async differing (from: number, most: number): Promise<{ ids: number[], looked: number, last: number | undefined }> {
      const rows = page.all({ after: from, limit: most })
      return { ids: rows.filter((row) => differs(row.users, row.search)).map((row) => row.users.id), looked: rows.length, last: rows.at(-1)?.users.id }
    },

    /** Those that are in the index and nowhere else. */
    async strays (from: number, most: number): Promise<number[]> {
      return strays.all({ after: from, limit: most }).map(({ id }) => id)
    },

    /** Puts an account into the index anew, or takes out one that is gone. */
    async renew (userId: number): Promise<void> {
      index.remove(userId)
      const row = one.get({ id: userId })
      if (row !== undefined) index.add(row)
    },

    /** Makes the index anew from the texts that it keeps; everybody's writes wait. */
    async rebuild (): Promise<void> {
      rebuild.run()
    },
  }
}
