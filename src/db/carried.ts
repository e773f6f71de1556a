import { and, asc, eq, sql } from './drizzle.ts'
import type { Db, InferSelectModel, SQLiteTable } from './drizzle.ts'
import { keyset } from './keyset.ts'
import { avatars, changes, groups, keys, memberships, pictures, profileFields, taggings, tags, users } from './schema.ts'

/** What stands by itself, in the order in which people need it. */
const LISTS = { fields: profileFields, groups, tags, changes } as const
export type List = keyof typeof LISTS
/** What belongs to a person and has rows of its own. */
const OWNED = { avatars, pictures, tokens: keys } as const
type User = InferSelectModel<typeof users>
/** A person, hidden or not, with everything that goes where they go. */
export type Carried = User & { groups: number[], tags: number[] } & { [K in keyof typeof OWNED]: InferSelectModel<(typeof OWNED)[K]>[] }
export type ListRow = { id: number } & Record<string, unknown>

/** Rows as they are, to be carried from one database into another. Sessions, codes and whatever is sealed stay behind. */
export function carriedQueries (db: Db) {
  const userId = sql.placeholder('userId')
  const lists = { fields: keyset(db, profileFields, 'asc'), groups: keyset(db, groups, 'asc'), tags: keyset(db, tags, 'asc'), changes: keyset(db, changes, 'asc') }
  const people = keyset(db, users, 'asc')
  const person = db.select().from(users).where(eq(users.id, userId)).prepare()
  const groupsOf = db.select({ id: memberships.groupId }).from(memberships).where(eq(memberships.userId, userId)).orderBy(asc(memberships.groupId)).prepare()
  const tagsOf = db.select({ id: taggings.tagId }).from(taggings).where(eq(taggings.userId, userId)).orderBy(asc(taggings.tagId)).prepare()
  const avatarsOf = db.select().from(avatars).where(eq(avatars.userId, userId)).orderBy(asc(avatars.id)).prepare()
  const picturesOf = db.select().from(pictures).where(eq(pictures.userId, userId)).orderBy(asc(pictures.name)).prepare()
  // Those of a session end with it.
  const tokensOf = db.select().from(keys).where(and(eq(keys.userId, userId), sql`${keys.sessionId} is null`)).orderBy(asc(keys.id)).prepare()

  async function whole (row: User): Promise<Carried> {
    const of = { userId: row.id }
    // All are asked at once: of one moment, whatever is committed meanwhile.
    const [inGroups, tagged, avatars, pictures, tokens] = await Promise.all([groupsOf.all(of), tagsOf.all(of), avatarsOf.all(of), picturesOf.all(of), tokensOf.all(of)])
    return { ...row, groups: inGroups.map(({ id }) => id), tags: tagged.map(({ id }) => id), avatars, pictures, tokens }
  }

  // Once a row and folder, so nothing is prepared for it.
  const insert = async (table: SQLiteTable, row: object): Promise<void> => { await db.insert(table).values(row).run() }

  return {
    /** A part of a list, by id. */
    async list (name: List, after: number, limit: number): Promise<ListRow[]> {
      return lists[name]({ after, limit })
    },

    async people (after: number, limit: number): Promise<Carried[]> {
      return Promise.all((await people({ after, limit })).map(whole))
    },

    async person (id: number): Promise<Carried | undefined> {
      const row = await person.get({ userId: id })
      return row && whole(row)
    },

    async add (name: List, row: ListRow): Promise<void> {
      await insert(LISTS[name], row)
    },

    /** Everything of a person but their row, which has to be there. */
    async addOwned ({ id, groups: groupIds, tags: tagIds, ...carried }: Carried): Promise<void> {
      for (const groupId of groupIds) await insert(memberships, { userId: id, groupId })
      for (const tagId of tagIds) await insert(taggings, { userId: id, tagId })
      for (const name of ['avatars', 'pictures', 'tokens'] as const) for (const row of carried[name]) await insert(OWNED[name], { ...row, userId: id })
    },
  }
}
