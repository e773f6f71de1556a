import type { Database as Connection } from 'better-sqlite3'
import { asc, eq, sql } from './drizzle.ts'
import type { BetterSQLite3Database } from './drizzle.ts'
import type { PictureRow } from './pictures.ts'
import { avatars, pictures, users } from './schema.ts'
import type { PictureFile } from './schema.ts'
import { HALVES } from './search/halves.ts'

/** A row whose owner is gone. */
export interface Stray { table: string, rowid: number }

/** A picture that somebody's row names; `at` is where the next page begins. */
export interface Named { at: number, kind: PictureRow['kind'], name: string, userId: number }

/** What the engine says of the whole file, or of one table. */
function quickCheck (connection: Connection, table?: string): string[] {
  try {
    return (connection.pragma(table === undefined ? 'quick_check' : `quick_check("${table}")`) as { quick_check: string }[]).map(({ quick_check: line }) => line)
  } catch (error) {
    const { code, message } = error as { code?: unknown, message: string }
    // It may stumble over what it looks for.
    if (!/^SQLITE_(CORRUPT|ERROR)/.test(String(code))) throw error
    return [message]
  }
}

/** Of an index that cannot even be opened the engine speaks at the cost of everything else: then it is asked for one table after the other. */
function check (connection: Connection): string[] {
  // FTS5 takes notice of what other connections have committed when it is asked, and not when it is checked (3.54.1).
  for (const half of HALVES) {
    try {
      connection.prepare(`select 1 from ${half} where rowid = 0`).get()
    } catch {
      // That is told in a moment.
    }
  }
  const said = quickCheck(connection)
  if (!said.some((line) => UNOPENED.test(line))) return said
  const tables = connection.prepare("select name from sqlite_master where type = 'table' and sql not like 'create virtual table %'").pluck().all() as string[]
  return [...said, ...tables.flatMap((table) => quickCheck(connection, table))]
}

const UNOPENED = /vtable constructor failed|invalid fts5 file format/
const isIndex = (message: string): boolean => /fts5/i.test(message) || UNOPENED.test(message)

/** What can be wrong with rows. Each question is one statement, so that its answer is true of one moment; pages are in the order of their keys. */
export function checkQueries (db: BetterSQLite3Database, connection: Connection) {
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
    .where(sql`${pictures.name} > ${after} and not iif(${pictures.kind} = 'avatar', ${isKept} or ${isShown}, ${isCover})`).orderBy(asc(pictures.name)).limit(limit).prepare()
  const page = db.select().from(pictures).where(sql`${pictures.name} > ${after}`).orderBy(asc(pictures.name)).limit(limit).prepare()
  const setFiles = db.update(pictures).set({ files: value('files') }).where(eq(pictures.name, sql.placeholder('name'))).prepare()
  const holderOfAvatar = db.select({ userId: avatars.userId }).from(avatars).where(eq(avatars.name, sql.placeholder('name'))).prepare()
  const holderOfCover = db.select({ userId: users.id }).from(users).where(eq(users.cover, sql.placeholder('name'))).prepare()
  const person = db.select({ id: users.id }).from(users).where(eq(users.id, sql.placeholder('id'))).prepare()

  return {
    /** What the engine says against the file, and of that what is only about the search index. */
    async ofEngine (): Promise<{ file: string[], index: string[] }> {
      const said = check(connection).filter((line) => line !== 'ok')
      return { file: said.filter((line) => !isIndex(line)), index: said.filter(isIndex) }
    },

    async strays (): Promise<Stray[]> {
      return connection.pragma('foreign_key_check') as Stray[]
    },

    async removeStray ({ table, rowid }: Stray): Promise<void> {
      // The engine's own words, and never a client's.
      connection.prepare(`DELETE FROM "${table}" WHERE rowid = ?`).run(rowid)
    },

    /** Avatars that are shown and not in their owner's collection. */
    async uncollected (from: number, most: number): Promise<Named[]> {
      return uncollected.all({ after: from, limit: most }).map((row) => ({ kind: 'avatar', ...row }))
    },

    /** Pictures of which nothing is known. */
    async unrecorded (kind: PictureRow['kind'], from: number, most: number): Promise<Named[]> {
      const query = kind === 'avatar' ? unrecordedAvatars : unrecordedCovers
      return query.all({ after: from, limit: most }).map((row) => ({ kind, ...row }))
    },

    /** What is known of pictures that their owner does not have. */
    async unused (from: string, most: number): Promise<PictureRow[]> {
      return unused.all({ after: from, limit: most })
    },

    async pictures (from: string, most: number): Promise<PictureRow[]> {
      return page.all({ after: from, limit: most })
    },

    async setFiles (name: string, files: PictureFile[]): Promise<void> {
      setFiles.run({ name, files: JSON.stringify(files) })
    },

    /** Whose row names a picture, hidden people included. */
    async holderOf (kind: PictureRow['kind'], name: string): Promise<number | undefined> {
      return (kind === 'avatar' ? holderOfAvatar : holderOfCover).get({ name })?.userId
    },

    /** Whether there is a row of this person, hidden or not. */
    async isThere (id: number): Promise<boolean> {
      return person.get({ id }) !== undefined
    },
  }
}
