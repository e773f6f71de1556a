import type { Database as Connection } from 'better-sqlite3'
import { comparable } from '../texts/email.ts'
import { asc, eq, sql } from './drizzle.ts'
import type { Db, InferSelectModel } from './drizzle.ts'
import { dialled } from './phone.ts'
import { contacts, users } from './schema.ts'

type Source = Pick<InferSelectModel<typeof users>, 'id' | 'email' | 'phone'>
type Contact = InferSelectModel<typeof contacts>

const BATCH = 5_000

/** Keeps the table in step with the accounts: part of the transaction that changes them. */
export function contactIndex (db: Db) {
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const [email, phone] = [value('email'), value('phone')]
  const set = db.insert(contacts).values({ userId: value('userId'), email, phone }).onConflictDoUpdate({ target: contacts.userId, set: { email, phone } }).prepare()
  const remove = db.delete(contacts).where(eq(contacts.userId, value('userId'))).prepare()

  return {
    /** Of an account that is new, or was changed: nothing to do unless what was set counts. */
    async renew (row: Source, changed: object): Promise<void> {
      if (!('email' in changed) && !('phone' in changed)) return
      const contact = contactOf(row)
      if (contact === undefined) await remove.run({ userId: row.id })
      else await set.run(contact)
    },
  }
}

function contactOf ({ id: userId, email, phone }: Source): Contact | undefined {
  return email === null && phone === null ? undefined : { userId, email: email === null ? null : comparable(email), phone: dialled(phone ?? '') }
}

/** Works out the numbers that are not yet, some in each transaction: of accounts from before numbers were compared by their digits. */
export function dialNumbers (connection: Connection): void {
  connection.function('dialled', { deterministic: true }, (phone: unknown) => typeof phone === 'string' ? dialled(phone) : '')
  const some = connection.prepare(`update contacts set phone = dialled((select phone from users where id = user_id))
    where user_id in (select user_id from contacts where phone is null limit ${BATCH})`)
  while (some.run().changes === BATCH);
}

/** Whether people are looked up by what they say. */
export function contactQueries (db: Db) {
  const index = contactIndex(db)
  const [after, limit] = [sql.placeholder('after'), sql.placeholder('limit')]
  const source = { id: users.id, email: users.email, phone: users.phone }
  const one = db.select(source).from(users).where(eq(users.id, sql.placeholder('id'))).prepare()
  const page = db.select({ source, contact: contacts }).from(users).leftJoin(contacts, eq(contacts.userId, users.id))
    .where(sql`${users.id} > ${after}`).orderBy(asc(users.id)).limit(limit).prepare()

  return {
    /** Of so many accounts after this one, whether each is looked up as it should be. */
    async check (from: number, most: number): Promise<{ userId: number, isRight: boolean }[]> {
      return (await page.all({ after: from, limit: most })).map(({ source, contact }) => {
        const should = contactOf(source)
        return { userId: source.id, isRight: should?.email === contact?.email && should?.phone === contact?.phone }
      })
    },

    /** Makes what an account is looked up by what it should be. */
    async renew (userId: number): Promise<void> {
      const row = await one.get({ id: userId })
      if (row !== undefined) await index.renew(row, row)
    },
  }
}
