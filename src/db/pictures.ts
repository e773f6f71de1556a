import { eq, sql } from './drizzle.ts'
import type { Db, InferSelectModel, SQL } from './drizzle.ts'
import type { Engine } from './engine.ts'
import { avatars, pictures, users } from './schema.ts'

export type PictureRow = InferSelectModel<typeof pictures>

/** What decides who may see a picture. */
export type PictureOwner = Pick<InferSelectModel<typeof users>, 'deletedAt' | 'visibility'>

/** Page size: a few milliseconds on the event loop. */
const PAGE = 1_000

/** What is known of the published pictures. */
export function pictureQueries (db: Db, { memory, dialect }: Pick<Engine, 'memory' | 'dialect'>) {
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const byName = eq(pictures.name, sql.placeholder('name'))
  const find = db.select().from(pictures).where(byName).prepare()
  const insert = db.insert(pictures).values({
    name: value('name'), userId: value('userId'), kind: value('kind'), sourceWidth: value('sourceWidth'), sourceHeight: value('sourceHeight'), isAnimated: value('isAnimated'),
    focus: value('focus'), crop: value('crop'), blurhash: value('blurhash'), color: value('color'), files: value('files'), createdAt: value('createdAt'), alt: value('alt'),
  }).prepare()
  const owner = { deletedAt: users.deletedAt, visibility: users.visibility }
  const byAvatar = db.select(owner).from(avatars).innerJoin(users, eq(users.id, avatars.userId)).where(eq(avatars.name, sql.placeholder('name'))).prepare()
  const byCover = db.select(owner).from(users).where(eq(users.cover, sql.placeholder('name'))).prepare()
  const found = memory.of('pictures', async (name: string) => await find.get({ name }))
  const ownerOf = memory.of('owners', async (name: string): Promise<PictureOwner | undefined> => await byAvatar.get({ name }) ?? byCover.get({ name }))
  const any = db.select({ is: sql<number>`1` }).from(pictures).where(sql`${pictures.name} > ''`).limit(1).prepare()
  const remove = db.delete(pictures).where(byName).prepare()
  const describe = db.update(pictures).set({ alt: value('alt') }).where(byName).prepare()
  const [after, limit] = [sql.placeholder('after'), sql.placeholder('limit')]
  const oneOf = sql`(${dialect.texts(sql.placeholder('names'))})`
  const [avatar, cover] = [sql<string>`${avatars.name}`, sql<string>`${users.cover}`]
  const isKnown = (name: SQL) => sql<number>`exists (select 1 from ${pictures} where ${pictures.name} = ${name})`
  const of = {
    avatar: {
      named: db.select({ name: avatar, number: avatars.id }).from(avatars).where(sql`${avatar} in ${oneOf}`).prepare(),
      after: db.select({ name: avatar, number: avatars.id }).from(avatars).where(sql`${avatar} > ${after}`).orderBy(avatar).limit(limit).prepare(),
      known: db.select({ name: avatar, userId: avatars.userId, isKnown: isKnown(avatar) }).from(avatars).where(sql`${avatar} > ${after}`).orderBy(avatar).limit(limit).prepare(),
    },
    cover: {
      named: db.select({ name: cover, number: users.id }).from(users).where(sql`${cover} in ${oneOf}`).prepare(),
      after: db.select({ name: cover, number: users.id }).from(users).where(sql`${cover} > ${after}`).orderBy(cover).limit(limit).prepare(),
      known: db.select({ name: cover, userId: users.id, isKnown: isKnown(cover) }).from(users).where(sql`${cover} > ${after}`).orderBy(cover).limit(limit).prepare(),
    },
  }
  const json = (value: unknown) => value === null ? null : JSON.stringify(value)

  return {
    async find (name: string): Promise<PictureRow | undefined> {
      return found(name)
    },

    /** Whether anything is known of any picture. */
    async isAny (): Promise<boolean> {
      return await any.get() !== undefined
    },

    /** Whoever has this picture, deleted softly or not. A picture is asked for far more often than anything changes. */
    async ownerOf (name: string): Promise<PictureOwner | undefined> {
      return ownerOf(name)
    },

    /** Which of these names somebody's row has, with the number of the row. Hidden people count. */
    async named (kind: PictureRow['kind'], names: readonly string[]): Promise<Map<string, number>> {
      return new Map((await of[kind].named.all({ names: JSON.stringify(names) })).map(({ name, number }) => [name, number]))
    },

    /** The next page of names in order, after this one. */
    async after (kind: PictureRow['kind'], name: string, most: number): Promise<{ name: string, number: number }[]> {
      return of[kind].after.all({ after: name, limit: most })
    },

    async insert (row: PictureRow): Promise<void> {
      await insert.run({ ...row, isAnimated: Number(row.isAnimated), focus: json(row.focus), crop: json(row.crop), files: json(row.files) })
    },

    async remove (name: string): Promise<void> {
      await remove.run({ name })
    },

    /** Stores what a picture shows; null is nothing said. */
    async describe (name: string, alt: string | null): Promise<void> {
      await describe.run({ name, alt })
    },

    /** Looks at a page of names after this one: which have no record yet, and which name was the last; undefined after the last page. */
    async unknown (kind: PictureRow['kind'], name: string): Promise<{ unknown: { name: string, userId: number }[], last: string | undefined }> {
      const page = await of[kind].known.all({ after: name, limit: PAGE })
      return { unknown: page.filter((row) => row.isKnown === 0).map(({ name, userId }) => ({ name, userId })), last: page.at(-1)?.name }
    },
  }
}
