import { comparable } from '../texts/email.ts'
import { accountColumns, accountOf } from './accounts.ts'
import type { Account, UserRow } from './accounts.ts'
import { encode, namesOf, placeholders, preparedBy } from './by-columns.ts'
import { and, asc, eq, sql } from './drizzle.ts'
import type { Db, InferInsertModel } from './drizzle.ts'
import { contactIndex } from './contacts.ts'
import { faceIndex } from './faces.ts'
import { dialled } from './phone.ts'
import { contacts, memberships, users } from './schema.ts'
import type { Engine } from './engine.ts'
import { SOURCES } from './search/texts.ts'

export type { AttributeValue, Attributes, Visibility } from './schema.ts'
export type { Account, UserRow } from './accounts.ts'
export type NewUser = InferInsertModel<typeof users>

/** Somebody who was deleted softly, and when. */
export interface Deleted { id: number, deletedAt: number }

/** More have the same number by mistake only, or to do harm. */
const SAME_PHONE_MAX = 100
/** When somebody was deleted whose removal for good has begun: before everybody else, so that a crash leaves them to the next purge. */
const LEAVING = 0
/** Somebody whose removal has begun. */
export const isLeaving = sql`${users.deletedAt} = ${LEAVING}`

export function userQueries (db: Db, { renewal, memory, dialect }: Pick<Engine, 'renewal' | 'memory' | 'dialect'>) {
  const account = accountColumns(dialect)
  const id = sql.placeholder('id')
  const isThere = sql`${users.deletedAt} is null`
  const hasUsername = sql`lower(${users.username}) = ${dialect.lower(sql.placeholder('username'))}`
  const hasEmail = sql`${users.id} = (select ${contacts.userId} from ${contacts} where ${contacts.email} = ${sql.placeholder('email')})`
  // The condition on what is empty is that of the index.
  const hasPhone = sql`${users.id} in (select ${contacts.userId} from ${contacts} where ${contacts.phone} = ${sql.placeholder('phone')} and ${contacts.phone} <> '')`
  const hasExtId = eq(users.extId, sql.placeholder('extId'))
  const select = {
    byId: db.select(account).from(users).where(and(eq(users.id, id), isThere)).prepare(),
    byUsername: db.select().from(users).where(and(hasUsername, isThere)).prepare(),
    byEmail: db.select().from(users).where(and(hasEmail, isThere)).prepare(),
    byExtId: db.select().from(users).where(and(hasExtId, isThere)).prepare(),
    byPhone: db.select().from(users).where(and(hasPhone, isThere)).orderBy(asc(users.id)).limit(SAME_PHONE_MAX).prepare(),
    deleted: db.select(account).from(users).where(and(eq(users.id, id), sql`${users.deletedAt} is not null`, sql`not ${isLeaving}`)).prepare(),
    leaving: db.select(account).from(users).where(and(eq(users.id, id), isLeaving)).prepare(),
    deletedBefore: db.select({ id: users.id, deletedAt: sql<number>`${users.deletedAt}` }).from(users)
      .where(sql`${users.deletedAt} <= ${sql.placeholder('time')} and (${users.deletedAt}, ${users.id}) > (${sql.placeholder('deletedAt')}, ${id})`)
      .orderBy(asc(users.deletedAt), asc(users.id)).limit(sql.placeholder('limit')).prepare(),
    gone: db.select({ id: sql<number>`value` }).from(sql`(${dialect.numbers(sql.placeholder('ids'))}) as given`).where(sql`value not in (select ${users.id} from ${users})`).prepare(),
    // Whoever has a name keeps it, deleted softly or not.
    holderOfUsername: db.select({ id: users.id }).from(users).where(hasUsername).prepare(),
    holderOfEmail: db.select({ id: users.id }).from(users).where(hasEmail).prepare(),
    holderOfExtId: db.select({ id: users.id }).from(users).where(hasExtId).prepare(),
    any: db.select({ id: users.id }).from(users).limit(1).prepare(),
    otherAdmin: db.select({ id: users.id }).from(users)
      .where(and(sql`${users.isAdmin} = 1`, eq(users.isActive, true), isThere, sql`${users.id} <> ${id}`)).limit(1).prepare(),
  }
  const remove = db.delete(users).where(eq(users.id, id)).prepare()
  const leave = db.delete(memberships).where(eq(memberships.userId, id)).prepare()
  const join = db.insert(memberships).values({ userId: id, groupId: sql.placeholder('groupId') }).prepare()
  const updateOf = preparedBy((names) => db.update(users).set(placeholders(names)).where(eq(users.id, sql.placeholder('$id'))).returning(account).prepare())
  const insertOf = preparedBy((names) => db.insert(users).values(placeholders(names) as unknown as NewUser).returning(account).prepare())

  const faces = faceIndex(db)
  const contact = contactIndex(db)

  const find = memory.of('people', async (userId: number) => accountOf((await select.byId.values({ id: userId }))[0]))

  async function set (userId: number, columns: Partial<UserRow>): Promise<Account> {
    const isSearched = SOURCES.some((name) => name in columns)
    const before = isSearched ? await renewal.look(userId) : undefined
    const account = written(await updateOf(namesOf(columns)).values({ ...encode(users, columns), $id: userId }))
    if (isSearched) await renewal.note(before, account)
    await faces.renew(account, columns)
    await contact.renew(account, columns)
    return account
  }

  return {
    async find (userId: number): Promise<Account | undefined> {
      return find(userId)
    },

    /** Without the groups: for deciding who somebody is, which every request does. */
    async findRow (userId: number): Promise<UserRow | undefined> {
      return find(userId)
    },

    async findByUsername (username: string): Promise<UserRow | undefined> {
      return select.byUsername.get({ username })
    },

    async findByEmail (email: string): Promise<UserRow | undefined> {
      return select.byEmail.get({ email: comparable(email) })
    },

    async findByExtId (extId: string): Promise<UserRow | undefined> {
      return select.byExtId.get({ extId })
    },

    /** People who have this number, however they write it, the oldest accounts first; a number can be given to as many as one likes. */
    async findByPhone (phone: string): Promise<UserRow[]> {
      return select.byPhone.all({ phone: dialled(phone) })
    },

    /** Who has this name, address or foreign id, people who were deleted softly included. */
    async holderOf ({ username, email, extId }: { username?: string | undefined, email?: string | null | undefined, extId?: string | null | undefined }): Promise<{ id: number } | undefined> {
      if (username !== undefined) return select.holderOfUsername.get({ username })
      if (email) return select.holderOfEmail.get({ email: comparable(email) })
      return extId ? select.holderOfExtId.get({ extId }) : undefined
    },

    /** Somebody who was deleted softly; everything else here does not know them. */
    async findDeleted (userId: number): Promise<Account | undefined> {
      return accountOf((await select.deleted.values({ id: userId }))[0])
    },

    /** Somebody whose removal has begun: nothing else but `deletedBefore` knows them, and their names are not free yet. */
    async findLeaving (userId: number): Promise<Account | undefined> {
      return accountOf((await select.leaving.values({ id: userId }))[0])
    },

    /** The next people in the order of deletion, after this one, who were deleted softly by then. */
    async deletedBefore (time: number, { deletedAt, id }: Deleted, limit: number): Promise<Deleted[]> {
      return select.deletedBefore.all({ time, deletedAt, id, limit })
    },

    /** Which of these ids have no row any more. Somebody who was deleted softly still has one. */
    async gone (ids: readonly number[]): Promise<number[]> {
      return (await select.gone.all({ ids: JSON.stringify(ids) })).map((row) => row.id)
    },

    /** Begins a removal that takes several writes. */
    async leave (userId: number): Promise<void> {
      await set(userId, { deletedAt: LEAVING })
    },

    /** The row, and with it everything that belongs to the person. */
    async remove (userId: number): Promise<void> {
      const before = await renewal.look(userId)
      await remove.run({ id: userId })
      await renewal.note(before, undefined)
    },

    /** Whether there is anybody, hidden or not. */
    async isAnybody (): Promise<boolean> {
      return await select.any.get() !== undefined
    },

    async hasActiveAdminBeside (userId: number): Promise<boolean> {
      return await select.otherAdmin.get({ id: userId }) !== undefined
    },

    async insert (values: NewUser): Promise<Account> {
      const account = written(await insertOf(namesOf(values)).values(encode(users, values)))
      await renewal.note(undefined, account)
      await faces.renew(account, account)
      await contact.renew(account, account)
      return account
    },

    /** Sets exactly the columns that `columns` names. */
    async update (userId: number, columns: Partial<UserRow>): Promise<Account> {
      return set(userId, columns)
    },

    async replaceGroups (userId: number, groupIds: readonly number[]): Promise<void> {
      await leave.run({ id: userId })
      for (const groupId of groupIds) await join.run({ id: userId, groupId })
    },
  }
}

/** The account that an INSERT or an UPDATE has returned. An UPDATE of nobody is a defect. */
const written = ([values]: unknown[][]): Account => accountOf(values) as Account
