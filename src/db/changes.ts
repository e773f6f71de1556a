import { asc, eq, sql } from './drizzle.ts'
import type { BetterSQLite3Database, InferInsertModel, InferSelectModel } from './drizzle.ts'
import { changes } from './schema.ts'

export type Change = InferSelectModel<typeof changes>
export type NewChange = InferInsertModel<typeof changes>

export function changeQueries (db: BetterSQLite3Database) {
  const ofUser = db.select().from(changes).where(eq(changes.userId, sql.placeholder('userId'))).orderBy(asc(changes.id)).prepare()
  const insert = db.insert(changes).values({
    userId: sql.placeholder('userId'),
    actorId: sql.placeholder('actorId'),
    family: sql.placeholder('family'),
    fields: sql`${sql.placeholder('fields')}`,
    dropped: sql`${sql.placeholder('dropped')}`,
    version: sql.placeholder('version'),
    at: sql.placeholder('at'),
  }).prepare()
  const userId = sql.placeholder('userId')
  const remove = db.delete(changes).where(eq(changes.userId, userId)).prepare()
  const forget = db.update(changes).set({ actorId: null })
    .where(sql`${changes.actorId} = ${userId} and ${changes.actorId} <> ${changes.userId}`).prepare()

  return {
    async insert (change: NewChange): Promise<void> {
      insert.run({ ...change, fields: JSON.stringify(change.fields), dropped: JSON.stringify(change.dropped) })
    },

    /** What was done to a person, and who it was that did something to others. */
    async forget (id: number): Promise<void> {
      remove.run({ userId: id })
      forget.run({ userId: id })
    },

    /** Everything that was done to one account, oldest first. */
    async list (userId: number): Promise<Change[]> {
      return ofUser.all({ userId })
    },
  }
}
