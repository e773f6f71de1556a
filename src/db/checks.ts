import { asc, eq, sql } from './drizzle.ts'
import type { Db } from './drizzle.ts'
import type { PictureRow } from './pictures.ts'
import { avatars, pictures, users } from './schema.ts'
import type { PictureFile } from './schema.ts'

/** A picture that somebody's row names; `at` is where the next page begins. */
export interface Named { at: number, kind: PictureRow['kind'], name: string, userId: number }

/** What can be wrong with rows. Each question is one statement, so that its answer is true of one moment; pages are in the order of their keys. */
export function checkQueries (db: Db) {
  const [after, limit] = [sql.placeholder('after'), sql.placeholder('limit')]
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const isCollected = sql`exists (select 1 from ${avatars} where ${avatars.name} = ${users.avatar} and ${avatars.userId} = ${users.id})`
  const uncollected = db.select({ at: users.id, name: sql<string>`${users.avatar}`, userId: users.id }).from(users)
    .where(sql`${users.id} > ${after} and ${users.avatar} is not null and not ${isCollected}`).orderBy(asc(users.id)).limit(limit).prepare()
  const hasAvatarRecord = sql`exists (select 1 from ${pictures} where ${pictures.name} = ${avatars.name} and ${pictures.userId} = ${avatars.userId} and ${pictures.kind} = 'avatar')`
  const unrecordedAvatars = db.select({ at: avatars.id, name: avatars.name, userId: avatars.userId }).from(avatars)
    .where(sql`${avatars.id} > ${after} and not ${hasAvatarRecord}`).orderBy(asc(avatars.id)).limit(limit).prepare()
  const hasCoverRecord = sql`exists (select 1 from ${pictures} where ${pictures.name} = ${users.cover} and ${pictures.userId} = ${users.id} and ${pictures.kind} = 'cover')`
  const unrecordedCovers = db.select({ at: users.id, name: sql<string>`${users.cover}`, userId: users.id }).from(users)
    .where(sql`${users.id} > ${after} and ${users.cover} is not null and not ${hasCoverRecord}`).orderBy(asc(users.id)).limit(limit).prepare()
  const isKept = sql`exists (select 1 from ${avatars} where ${avatars.name} = ${pictures.name} and ${avatars.userId} = ${pictures.userId})`
  const isShown = sql`exists (select 1 from ${users} where ${users.avatar} = ${pictures.name} and ${users.id} = ${pictures.userId})`
  const isCover = sql`exists (select 1 from ${users} where ${users.cover} = ${pictures.name} and ${users.id} = ${pictures.userId})`
  const unused = db.select().from(pictures)
    .where(sql`${pictures.name} > ${after} and not case when ${pictures.kind} = 'avatar' then ${isKept} or ${isShown} else ${isCover} end`).orderBy(asc(pictures.name)).limit(limit).prepare()
  const page = db.select().from(pictures).where(sql`${pictures.name} > ${after}`).orderBy(asc(pictures.name)).limit(limit).prepare()
  const setFiles = db.update(pictures).set({ files: value('files') }).where(eq(pictures.name, sql.placeholder('name'))).prepare()
  const holderOfAvatar = db.select({ userId: avatars.userId }).from(avatars).where(eq(avatars.name, sql.placeholder('name'))).prepare()
  const holderOfCover = db.select({ userId: users.id }).from(users).where(eq(users.cover, sql.placeholder('name'))).prepare()
  const person = db.select({ id: users.id }).from(users).where(eq(users.id, sql.placeholder('id'))).prepare()

  return {
    /** Avatars that are shown and not in their owner's collection. */
    async uncollected (from: number, most: number): Promise<Named[]> {
      return (await uncollected.all({ after: from, limit: most })).map((row) => ({ kind: 'avatar', ...row }))
    },

    /** Pictures of which nothing is known. */
    async unrecorded (kind: PictureRow['kind'], from: number, most: number): Promise<Named[]> {
      const query = kind === 'avatar' ? unrecordedAvatars : unrecordedCovers
      return (await query.all({ after: from, limit: most })).map((row) => ({ kind, ...row }))
    },

    /** What is known of pictures that their owner does not have. */
    async unused (from: string, most: number): Promise<PictureRow[]> {
      return unused.all({ after: from, limit: most })
    },

    async pictures (from: string, most: number): Promise<PictureRow[]> {
      return page.all({ after: from, limit: most })
    },

    async setFiles (name: string, files: PictureFile[]): Promise<void> {
      await setFiles.run({ name, files: JSON.stringify(files) })
    },

    /** Whose row names a picture, hidden people included. */
    async holderOf (kind: PictureRow['kind'], name: string): Promise<number | undefined> {
      return (await (kind === 'avatar' ? holderOfAvatar : holderOfCover).get({ name }))?.userId
    },

    /** Whether there is a row of this person, hidden or not. */
    async isThere (id: number): Promise<boolean> {
      return await person.get({ id }) !== undefined
    },
  }
}
