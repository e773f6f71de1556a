import type { Database as Connection } from 'better-sqlite3'
import { eq, sql } from './drizzle.ts'
import type { BetterSQLite3Database, InferSelectModel } from './drizzle.ts'
import { watchCommits } from './commits.ts'
import { avatars, pictures, users } from './schema.ts'

export type PictureRow = InferSelectModel<typeof pictures>

/** What decides who may see a picture. */
export type PictureOwner = Pick<InferSelectModel<typeof users>, 'deletedAt' | 'visibility'>

const BATCH = 50
/** Pictures whose owners are remembered until the next commit. */
const REMEMBERED = 10_000

/** What is known of the published pictures. */
export function pictureQueries (db: BetterSQLite3Database, connection: Connection) {
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const byName = eq(pictures.name, sql.placeholder('name'))
  const find = db.select().from(pictures).where(byName).prepare()
  const names = db.select({ name: pictures.name }).from(pictures).where(eq(pictures.kind, sql.placeholder('kind'))).prepare()
  const insert = db.insert(pictures).values({
    name: value('name'), userId: value('userId'), kind: value('kind'), sourceWidth: value('sourceWidth'), sourceHeight: value('sourceHeight'), isAnimated: value('isAnimated'),
    focus: value('focus'), crop: value('crop'), blurhash: value('blurhash'), color: value('color'), files: value('files'), createdAt: value('createdAt'),
  }).prepare()
  const owner = { deletedAt: users.deletedAt, visibility: users.visibility }
  const byAvatar = db.select(owner).from(avatars).innerJoin(users, eq(users.id, avatars.userId)).where(eq(avatars.name, sql.placeholder('name'))).prepare()
  const byCover = db.select(owner).from(users).where(eq(users.cover, sql.placeholder('name'))).prepare()
  const isCommitted = watchCommits(connection)
  const owners = new Map<string, PictureOwner | undefined>()
  const remove = db.delete(pictures).where(byName).prepare()
  const isOld = (column: typeof avatars.name | typeof users.cover) => sql`${column} > ${sql.placeholder('after')} and ${column} not in (select ${pictures.name} from ${pictures})`
  const old = {
    avatar: db.select({ name: avatars.name, userId: avatars.userId }).from(avatars).where(isOld(avatars.name)).orderBy(avatars.name).limit(BATCH).prepare(),
    cover: db.select({ name: sql<string>`${users.cover}`, userId: users.id }).from(users).where(isOld(users.cover)).orderBy(users.cover).limit(BATCH).prepare(),
  }
  const json = (value: unknown) => value === null ? null : JSON.stringify(value)

  return {
    async find (name: string): Promise<PictureRow | undefined> {
      return find.get({ name })
    },

    /** Whoever has this picture, deleted softly or not. A picture is asked for far more often than anything changes. */
    async ownerOf (name: string): Promise<PictureOwner | undefined> {
      const ask = () => byAvatar.get({ name }) ?? byCover.get({ name })
      if (connection.inTransaction) return ask()
      if (isCommitted() || owners.size >= REMEMBERED) owners.clear()
      if (!owners.has(name)) owners.set(name, ask())
      return owners.get(name)
    },

    async names (kind: PictureRow['kind']): Promise<string[]> {
      return names.all({ kind }).map(({ name }) => name)
    },

    async insert (row: PictureRow): Promise<void> {
      insert.run({ ...row, isAnimated: Number(row.isAnimated), focus: json(row.focus), crop: json(row.crop), files: json(row.files) })
    },

    async remove (name: string): Promise<void> {
      remove.run({ name })
    },

    /** Some of those that were published before anything was known of pictures: the first that come after a name. */
    async unknown (kind: PictureRow['kind'], after: string): Promise<{ name: string, userId: number }[]> {
      return old[kind].all({ after })
    },
  }
}
