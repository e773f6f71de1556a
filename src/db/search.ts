import { eq, getTableColumns, integer, sql, sqliteTable, text } from './drizzle.ts'
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
  const missing = db.select().from(users).where(sql`${users.id} not in (select id from search_docsize)`).limit(BATCH).prepare()
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

    /** Adds accounts that are not in the index: those from before there was one. Resolves to whether there are more. */
    catchUp (): boolean {
      const rows = missing.all()
      for (const row of rows) add(row)
      return rows.length === BATCH
    },
  }
}
