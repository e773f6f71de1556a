import { desc, sql } from './drizzle.ts'
import type { Db } from './drizzle.ts'
import { codes, invitations, mails, recoveryCodes, secondFactors } from './schema.ts'

/** How much there is that only the key of the data folder opens or recognises. */
export interface Sealed { secondFactors: number, mails: number, codes: number }

/** What is stored sealed, or as a hash with the same key. */
export function sealedQueries (db: Db) {
  const count = sql<number>`count(*)`
  const counts = [db.select({ count }).from(secondFactors).prepare(), db.select({ count }).from(mails).prepare(), db.select({ count }).from(codes).prepare(), db.select({ count }).from(invitations).prepare()]
  const newestSecret = db.select({ sealed: secondFactors.secret }).from(secondFactors).orderBy(desc(secondFactors.createdAt)).limit(1).prepare()
  const newestMail = db.select({ sealed: mails.sealed }).from(mails).orderBy(desc(mails.id)).limit(1).prepare()
  const owners = db.select({ id: secondFactors.userId }).from(secondFactors).where(sql`${secondFactors.confirmedAt} is not null`).prepare()
  const removals = [db.delete(secondFactors).prepare(), db.delete(recoveryCodes).prepare(), db.delete(mails).prepare(), db.delete(codes).prepare(), db.delete(invitations).prepare()]

  return {
    async count (): Promise<Sealed> {
      const [factors = 0, queued = 0, sent = 0, invited = 0] = (await Promise.all(counts.map((query) => query.get()))).map((row) => row?.count)
      return { secondFactors: factors, mails: queued, codes: sent + invited }
    },

    /** One that was sealed last: a factor, or a mail where there is none. */
    async newest (): Promise<string | undefined> {
      return (await newestSecret.get() ?? await newestMail.get())?.sealed
    },

    /** Removes all of it. Resolves to who had a second factor on. */
    async removeAll (): Promise<number[]> {
      const ids = (await owners.all()).map(({ id }) => id)
      for (const removal of removals) await removal.run()
      return ids
    },
  }
}
