import { and, asc, eq, sql } from './drizzle.ts'
import type { Db, InferSelectModel } from './drizzle.ts'
import { recoveryCodes, secondFactors } from './schema.ts'

export type SecondFactorRow = InferSelectModel<typeof secondFactors>

export function secondFactorQueries (db: Db) {
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const userId = sql.placeholder('userId')
  const find = db.select().from(secondFactors).where(eq(secondFactors.userId, userId)).prepare()
  const after = db.select().from(secondFactors).where(sql`${secondFactors.userId} > ${sql.placeholder('after')}`).orderBy(asc(secondFactors.userId)).limit(sql.placeholder('limit')).prepare()
  const propose = db.insert(secondFactors).values({ userId: value('userId'), secret: value('secret'), pending: value('secret'), createdAt: value('createdAt') })
    .onConflictDoUpdate({ target: secondFactors.userId, set: { pending: sql`excluded.pending` } }).prepare()
  // Of one that was begun before there were two columns, the secret is the pending one.
  const confirm = db.update(secondFactors)
    .set({ secret: sql`coalesce(${secondFactors.pending}, ${secondFactors.secret})`, pending: null, lastStep: value('step'), confirmedAt: value('at') }).where(eq(secondFactors.userId, userId)).prepare()
  const took = db.update(secondFactors).set({ lastStep: value('step') }).where(eq(secondFactors.userId, userId)).prepare()
  const remove = db.delete(secondFactors).where(eq(secondFactors.userId, userId)).prepare()
  const addRecovery = db.insert(recoveryCodes).values({ userId: value('userId'), hash: value('hash') }).prepare()
  const spendRecovery = db.delete(recoveryCodes).where(and(eq(recoveryCodes.userId, userId), eq(recoveryCodes.hash, sql.placeholder('hash')))).prepare()
  const countRecovery = db.select({ count: sql<number>`count(*)` }).from(recoveryCodes).where(eq(recoveryCodes.userId, userId)).prepare()
  const dropRecovery = db.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId)).prepare()

  return {
    async find (id: number): Promise<SecondFactorRow | undefined> {
      return find.get({ userId: id })
    },

    /** A page of them, by whose they are. */
    async after (userId: number, most: number): Promise<SecondFactorRow[]> {
      return after.all({ after: userId, limit: most })
    },

    /** A new secret, which does not count before it is confirmed; until then the one before it does. */
    async propose (row: Pick<SecondFactorRow, 'userId' | 'secret' | 'createdAt'>): Promise<void> {
      await propose.run(row)
    },

    /** The proposed secret counts from now on; codes of this time step, and of those before it, are not taken again. */
    async confirm (id: number, step: number, at: number): Promise<void> {
      await confirm.run({ userId: id, step, at })
    },

    /** A code of this time step, and of those before it, is not taken again. */
    async took (id: number, step: number): Promise<void> {
      await took.run({ userId: id, step })
    },

    /** The secret and what stands in for it. */
    async remove (id: number): Promise<void> {
      await remove.run({ userId: id })
      await dropRecovery.run({ userId: id })
    },

    async countRecoveryCodes (id: number): Promise<number> {
      return (await countRecovery.get({ userId: id }))?.count ?? 0
    },

    async replaceRecoveryCodes (id: number, hashes: readonly string[]): Promise<void> {
      await dropRecovery.run({ userId: id })
      for (const hash of hashes) await addRecovery.run({ userId: id, hash })
    },

    /** False when there is no such code, or it was spent before. */
    async spendRecoveryCode (id: number, hash: string): Promise<boolean> {
      return (await spendRecovery.run({ userId: id, hash })).changes === 1
    },
  }
}
