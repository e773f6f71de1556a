import { and, asc, desc, eq, sql } from './drizzle.ts'
import type { Db, InferSelectModel } from './drizzle.ts'
import type { Engine } from './engine.ts'
import { comparable } from '../texts/email.ts'
import { codes } from './schema.ts'

export type CodeRow = InferSelectModel<typeof codes>
export type Purpose = CodeRow['purpose']

export function codeQueries (db: Db, memory: Engine['memory']) {
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const byHash = db.select().from(codes).where(eq(codes.hash, sql.placeholder('hash'))).prepare()
  const insert = db.insert(codes)
    .values({ userId: value('userId'), purpose: value('purpose'), email: value('email'), address: value('address'), hash: value('hash'), expiresAt: value('expiresAt') }).prepare()
  const remove = db.delete(codes).where(eq(codes.id, sql.placeholder('id'))).prepare()
  const isOf = eq(codes.userId, sql.placeholder('userId'))
  const removeOfUser = db.delete(codes).where(isOf).prepare()
  const removePurpose = db.delete(codes).where(and(isOf, eq(codes.purpose, sql.placeholder('purpose')))).prepare()
  const removeSince = db.delete(codes).where(and(isOf, sql`(${codes.purpose} <> 'revert_email' or ${codes.id} >= ${sql.placeholder('first')})`)).prepare()
  const ofUser = db.select().from(codes).where(isOf).orderBy(desc(codes.id)).prepare()
  const all = memory.of('codes', (userId: number) => ofUser.all({ userId }))
  const keeper = db.select({ id: codes.userId }).from(codes)
    .where(and(eq(codes.address, sql.placeholder('address')), eq(codes.purpose, 'revert_email'), sql`${codes.expiresAt} > ${sql.placeholder('now')}`)).orderBy(asc(codes.id)).limit(1).prepare()
  const expired = sql`(select ${codes.id} from ${codes} where ${codes.expiresAt} <= ${sql.placeholder('now')} order by ${codes.expiresAt} limit ${sql.placeholder('most')})`
  const removeExpired = db.delete(codes).where(sql`${codes.id} in ${expired}`).prepare()

  return {
    async findByHash (hash: string): Promise<CodeRow | undefined> {
      return byHash.get({ hash })
    },

    /** The newest of a person's codes for a purpose that counts by now. */
    async findOf (userId: number, purpose: Purpose, now: number): Promise<CodeRow | undefined> {
      return (await all(userId)).find((code) => code.purpose === purpose && code.expiresAt > now)
    },

    async insert (code: Omit<CodeRow, 'id' | 'address'>): Promise<void> {
      await insert.run({ ...code, address: comparable(code.email) })
    },

    async remove (id: number): Promise<void> {
      await remove.run({ id })
    },

    /** All of a person's codes, or those for one purpose. */
    async removeOf (userId: number, purpose?: Purpose): Promise<void> {
      if (purpose === undefined) await removeOfUser.run({ userId })
      else await removePurpose.run({ userId, purpose })
    },

    /** All of a person's codes, but for those that take back a change of address: all of them stay, or those from before the code with the id `first`. */
    async removeSince (userId: number, first = Number.MAX_SAFE_INTEGER): Promise<void> {
      await removeSince.run({ userId, first })
    },

    /** For whom an address is kept that was theirs: while a code counts that takes its change back. */
    async keeperOf (email: string, now: number): Promise<{ id: number } | undefined> {
      return keeper.get({ address: comparable(email), now })
    },

    /** Removes up to `most`. Resolves to how many. */
    async removeExpired (now: number, most: number): Promise<number> {
      return (await removeExpired.run({ now, most })).changes
    },
  }
}
