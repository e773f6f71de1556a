import { hash } from 'node:crypto'
import { asc, eq, sql } from './drizzle.ts'
import type { Db, InferSelectModel } from './drizzle.ts'
import { comparable } from '../texts/email.ts'
import { faces, users } from './schema.ts'

type UserRow = InferSelectModel<typeof users>

/** What decides whether somebody is found, and by what. */
type Source = Pick<UserRow, (typeof SOURCES)[number]>
const SOURCES = ['email', 'emailConfirmed', 'isFoundByEmail', 'avatar', 'visibility', 'deletedAt'] as const satisfies (keyof UserRow)[]

/** Keeps the hashes in step with the accounts: part of the transaction that changes them. */
export function faceIndex (db: Db) {
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const insert = db.insert(faces).values({ userId: value('userId'), sha256: value('sha256'), md5: value('md5') }).prepare()
  const remove = db.delete(faces).where(eq(faces.userId, value('userId'))).prepare()

  return {
    /** Of an account that is new, or was changed: nothing to do unless what was set counts. */
    async renew (row: Source & { id: number }, set: object): Promise<void> {
      if (!SOURCES.some((name) => name in set)) return
      const { id: userId } = row
      await remove.run({ userId })
      const hashes = hashesOf(row)
      if (hashes !== undefined) await insert.run({ userId, ...hashes })
    },
  }
}

/** By what somebody is to be found; undefined when by nothing. */
function hashesOf ({ email, emailConfirmed, isFoundByEmail, avatar, visibility, deletedAt }: Source): { sha256: string, md5: string } | undefined {
  const isFound = isFoundByEmail && emailConfirmed && avatar !== null && visibility.avatar === undefined && deletedAt === null
  if (email === null || !isFound) return undefined
  const address = comparable(email)
  return { sha256: hash('sha256', address), md5: hash('md5', address) }
}

/** Whose avatar is shown by the hash of their address. */
export function faceQueries (db: Db) {
  const by = (column: typeof faces.sha256 | typeof faces.md5) =>
    db.select({ userId: faces.userId }).from(faces).where(eq(column, sql.placeholder('hash'))).limit(1).prepare()
  const select = { sha256: by(faces.sha256), md5: by(faces.md5) }
  const index = faceIndex(db)
  const { id, email, emailConfirmed, isFoundByEmail, avatar, visibility, deletedAt } = users
  const source = { id, email, emailConfirmed, isFoundByEmail, avatar, visibility, deletedAt }
  const one = db.select(source).from(users).where(eq(id, sql.placeholder('id'))).prepare()
  const page = db.select({ source, face: { sha256: faces.sha256, md5: faces.md5 } }).from(users).leftJoin(faces, eq(faces.userId, id))
    .where(sql`${id} > ${sql.placeholder('after')} and (${isFoundByEmail} = 1 or ${faces.userId} is not null)`).orderBy(asc(id)).limit(sql.placeholder('limit')).prepare()

  return {
    async find (kind: 'sha256' | 'md5', digest: string): Promise<number | undefined> {
      return (await select[kind].get({ hash: digest }))?.userId
    },

    /** Whoever wants to be found by their address, or can be, hidden people included; and whether they are found as they should be. */
    async check (after: number, limit: number): Promise<{ userId: number, isRight: boolean }[]> {
      return (await page.all({ after, limit })).map(({ source, face }) => {
        const should = hashesOf(source)
        return { userId: source.id, isRight: should?.sha256 === face?.sha256 && should?.md5 === face?.md5 }
      })
    },

    /** Makes the hashes of an account what they should be. */
    async renew (userId: number): Promise<void> {
      const row = await one.get({ id: userId })
      if (row !== undefined) await index.renew(row, row)
    },
  }
}
