import type { Dialect } from './dialect.ts'
import { asc, eq, sql } from './drizzle.ts'
import type { Db, InferSelectModel } from './drizzle.ts'
import { mails } from './schema.ts'

export type MailRow = InferSelectModel<typeof mails>

export function mailQueries (db: Db, dialect: Dialect) {
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const id = sql.placeholder('id')
  const due = db.select().from(mails).where(sql`${mails.nextAt} <= ${sql.placeholder('now')}`)
    .orderBy(asc(mails.nextAt), asc(mails.id)).limit(sql.placeholder('limit')).prepare()
  const page = db.select().from(mails).where(sql`${mails.id} > ${sql.placeholder('after')}`).orderBy(asc(mails.id)).limit(sql.placeholder('limit')).prepare()
  const count = db.select({ count: sql<number>`count(*)` }).from(mails).prepare()
  const insert = db.insert(mails)
    .values({ userId: value('userId'), sealed: value('sealed'), nextAt: value('nextAt'), createdAt: value('createdAt') }).prepare()
  const claim = db.update(mails).set({ nextAt: value('until') })
    .where(sql`${mails.id} in (select id from ${mails} where id in (${dialect.numbers(sql.placeholder('ids'))}) and next_at <= ${sql.placeholder('now')} ${dialect.passingOver})`).returning().prepare()
  const postpone = db.update(mails).set({ nextAt: value('nextAt'), attempts: sql`${mails.attempts} + 1` }).where(eq(mails.id, id)).prepare()
  const hasten = db.update(mails).set({ nextAt: value('nextAt') }).where(eq(mails.id, id)).prepare()
  const remove = db.delete(mails).where(eq(mails.id, id)).prepare()

  return {
    async insert (mail: Pick<MailRow, 'userId' | 'sealed' | 'nextAt' | 'createdAt'>): Promise<void> {
      await insert.run(mail)
    },

    /** What is to be sent by now, oldest first. */
    async due (now: number, limit: number): Promise<MailRow[]> {
      return due.all({ now, limit })
    },

    /** Those of these that are still to be sent by now; nobody else is given them before `until`. */
    async claim (ids: readonly number[], now: number, until: number): Promise<MailRow[]> {
      return (await claim.all({ ids: JSON.stringify(ids), now, until })).toSorted((a, b) => a.id - b.id)
    },

    /** Everything that waits, by id. */
    async page (after: number, limit: number): Promise<MailRow[]> {
      return page.all({ after, limit })
    },

    /** How many wait, due or not. */
    async count (): Promise<number> {
      return (await count.get())?.count ?? 0
    },

    async postpone (mailId: number, nextAt: number): Promise<void> {
      await postpone.run({ id: mailId, nextAt })
    },

    /** Makes it due, without counting that as an attempt. False when there is none of this id. */
    async hasten (mailId: number, nextAt: number): Promise<boolean> {
      return (await hasten.run({ id: mailId, nextAt })).changes === 1
    },

    /** False when there is none of this id. */
    async remove (mailId: number): Promise<boolean> {
      return (await remove.run({ id: mailId })).changes === 1
    },
  }
}
