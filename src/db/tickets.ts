import { eq, sql } from './drizzle.ts'
import type { Db, InferSelectModel } from './drizzle.ts'
import { tickets } from './schema.ts'

export type TicketRow = InferSelectModel<typeof tickets>

export function ticketQueries (db: Db) {
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const find = db.select({ tries: tickets.tries }).from(tickets).where(eq(tickets.id, sql.placeholder('id'))).prepare()
  const tried = db.insert(tickets).values({ id: value('id'), userId: value('userId'), tries: value('tries'), expiresAt: value('expiresAt') })
    .onConflictDoUpdate({ target: tickets.id, set: { tries: sql`${tickets.tries} + excluded.tries` } }).prepare()
  const expired = sql`(select ${tickets.id} from ${tickets} where ${tickets.expiresAt} <= ${sql.placeholder('now')} order by ${tickets.expiresAt} limit ${sql.placeholder('most')})`
  const removeExpired = db.delete(tickets).where(sql`${tickets.id} in ${expired}`).prepare()

  return {
    /** How often the ticket was tried. */
    async triesOf (id: string): Promise<number> {
      return (await find.get({ id }))?.tries ?? 0
    },

    /** Adds to how often it was tried. */
    async tried (row: TicketRow): Promise<void> {
      await tried.run(row)
    },

    /** Removes up to `most`. Resolves to how many. */
    async removeExpired (now: number, most: number): Promise<number> {
      return (await removeExpired.run({ now, most })).changes
    },
  }
}
