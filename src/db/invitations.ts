import { comparable } from '../texts/email.ts'
import type { Dialect } from './dialect.ts'
import { and, asc, eq, sql } from './drizzle.ts'
import type { Db, InferSelectModel } from './drizzle.ts'
import { invitations } from './schema.ts'

export type InvitationRow = InferSelectModel<typeof invitations>
export type NewInvitation = Pick<InvitationRow, 'inviterId' | 'email' | 'groups' | 'isStaff' | 'createdAt' | 'expiresAt'>

export function invitationQueries (db: Db, dialect: Dialect) {
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const isOne = eq(invitations.id, sql.placeholder('id'))
  const isTo = eq(invitations.address, sql.placeholder('address'))
  const isBy = eq(invitations.inviterId, sql.placeholder('inviterId'))
  const byId = db.select().from(invitations).where(isOne).prepare()
  const byHash = db.select().from(invitations).where(eq(invitations.hash, sql.placeholder('hash'))).prepare()
  const page = db.select().from(invitations).where(sql`${invitations.id} > ${sql.placeholder('after')} and ${invitations.expiresAt} > ${sql.placeholder('now')}`)
    .orderBy(asc(invitations.id)).limit(sql.placeholder('limit')).prepare()
  const count = db.select({ count: sql<number>`count(*)` }).from(invitations).where(sql`${invitations.expiresAt} > ${sql.placeholder('now')}`).prepare()
  const ofInviter = db.select({ id: invitations.id }).from(invitations).where(isBy).prepare()
  const insert = db.insert(invitations).values({
    inviterId: value('inviterId'), email: value('email'), address: value('address'), groups: value('groups'), isStaff: value('isStaff'), createdAt: value('createdAt'), expiresAt: value('expiresAt'),
  }).returning().prepare()
  const setHash = db.update(invitations).set({ hash: value('hash') }).where(isOne).prepare()
  const remove = db.delete(invitations).where(isOne).prepare()
  const removeTo = db.delete(invitations).where(isTo).returning({ id: invitations.id }).prepare()
  const removeToBy = db.delete(invitations).where(and(isTo, isBy)).returning({ id: invitations.id }).prepare()
  const expired = sql`(select ${invitations.id} from ${invitations} where ${invitations.expiresAt} <= ${sql.placeholder('now')} order by ${invitations.expiresAt} limit ${sql.placeholder('most')})`
  const removeExpired = db.delete(invitations).where(sql`${invitations.id} in ${expired}`).returning({ id: invitations.id }).prepare()
  const gone = db.select({ id: sql<number>`value` }).from(sql`(${dialect.numbers(sql.placeholder('ids'))}) as given`).where(sql`value not in (select ${invitations.id} from ${invitations})`).prepare()

  const idsOf = (rows: readonly { id: number }[]): number[] => rows.map(({ id }) => id)

  return {
    async find (id: number): Promise<InvitationRow | undefined> {
      return byId.get({ id })
    },

    async findByHash (hash: string): Promise<InvitationRow | undefined> {
      return byHash.get({ hash })
    },

    /** The next ones after this id that count by now, the oldest first. */
    async list (after: number, limit: number, now: number): Promise<InvitationRow[]> {
      return page.all({ after, limit, now })
    },

    /** How many of them count by now. */
    async count (now: number): Promise<number> {
      return (await count.get({ now }))?.count ?? 0
    },

    /** The ids of all that somebody has sent. */
    async idsOf (inviterId: number): Promise<number[]> {
      return idsOf(await ofInviter.all({ inviterId }))
    },

    async insert (invitation: NewInvitation): Promise<InvitationRow> {
      return insert.get({ ...invitation, address: comparable(invitation.email), groups: JSON.stringify(invitation.groups), isStaff: Number(invitation.isStaff) })
    },

    /** As what its code is recognised from now on. */
    async setHash (id: number, hash: string): Promise<void> {
      await setHash.run({ id, hash })
    },

    async remove (id: number): Promise<void> {
      await remove.run({ id })
    },

    /** Removes those to an address, or of these the ones that somebody has sent. Resolves to their ids. */
    async removeTo (email: string, inviterId?: number): Promise<number[]> {
      const address = comparable(email)
      return idsOf(inviterId === undefined ? await removeTo.all({ address }) : await removeToBy.all({ address, inviterId }))
    },

    /** Removes up to `most`. Resolves to their ids. */
    async removeExpired (now: number, most: number): Promise<number[]> {
      return idsOf(await removeExpired.all({ now, most }))
    },

    /** Which of these ids have no row any more. */
    async gone (ids: readonly number[]): Promise<number[]> {
      return idsOf(await gone.all({ ids: JSON.stringify(ids) }))
    },
  }
}
