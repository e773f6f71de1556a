import { eq, sql, sqliteTable, text } from './drizzle.ts'
import type { Db } from './drizzle.ts'

/** What the database file knows of itself. Not of the schema: it is read before migrations are, and programs without it ignore it. */
const facts = sqliteTable('__visage', { name: text('name').primaryKey(), value: text('value').notNull() })

/** Which program wrote last, a text sealed with the key of this folder, what is written only to be undone, what its backups know the service by, where its pictures are (nothing: in the data folder), what many processes sign with, sealed, and what `moves.ts` says. */
export type Fact = 'version' | 'seal_probe' | 'written_at' | 'service' | 'store' | 'jwt_secret' | 'jwt_key' | 'moved_to' | 'moving_from'

export const MAKE_FACTS = 'create table if not exists __visage (name text primary key, value text not null)'

export function factQueries (db: Db) {
  const name = sql.placeholder('name')
  const find = db.select({ value: facts.value }).from(facts).where(eq(facts.name, name)).prepare()
  const set = db.insert(facts).values({ name: sql`${name}`, value: sql`${sql.placeholder('value')}` })
    .onConflictDoUpdate({ target: facts.name, set: { value: sql`excluded.value` } }).prepare()

  const remove = db.delete(facts).where(eq(facts.name, name)).prepare()

  return {
    async find (fact: Fact): Promise<string | undefined> {
      return (await find.get({ name: fact }))?.value
    },

    async remove (fact: Fact): Promise<void> {
      await remove.run({ name: fact })
    },

    async set (fact: Fact, value: string): Promise<void> {
      await set.run({ name: fact, value })
    },
  }
}
