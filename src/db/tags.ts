import type { Dialect } from './dialect.ts'
import { and, asc, desc, eq, sql } from './drizzle.ts'
import type { Db, InferSelectModel } from './drizzle.ts'
import { folded } from './fold.ts'
import { keyset } from './keyset.ts'
import type { Part } from './keyset.ts'
import { taggings, tags } from './schema.ts'

export type Tag = InferSelectModel<typeof tags>
export type TagRules = Omit<Tag, 'id' | 'createdAt'>

/** What a tag must be to be listed; what is absent does not matter. */
export interface TagFilter {
  /** Part of the name or of the description, whatever the case and the accents. */
  search?: string | undefined
  type?: Tag['type'] | undefined
  isActive?: boolean | undefined
  isVisible?: boolean | undefined
  visibilityBoost?: boolean | undefined
}

interface Order<K> { by: K, isDescending: boolean }
export type TagOrder = Order<'id' | 'name' | 'type' | 'createdAt'>

/** Tags, and who was given them. */
export function tagQueries (db: Db, dialect: Dialect) {
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const window = { limit: sql.placeholder('limit'), offset: sql.placeholder('offset') }
  const rules = {
    type: value('type'), name: value('name'), description: value('description'), color: value('color'),
    isActive: value('isActive'), isVisible: value('isVisible'), visibilityBoost: value('visibilityBoost'),
  }
  const byId = db.select().from(tags).where(eq(tags.id, sql.placeholder('id'))).prepare()
  const byName = db.select().from(tags).where(sql`${tags.type} = ${value('type')} and lower(${tags.name}) = ${dialect.lower(value('name'))}`).prepare()
  const insert = db.insert(tags).values({ ...rules, createdAt: value('createdAt') }).returning().prepare()
  const update = db.update(tags).set(rules).where(eq(tags.id, sql.placeholder('id'))).returning().prepare()

  const folds = { name: sql`folded(${tags.name})`, description: sql`folded(coalesce(${tags.description}, ''))` }
  const isListed = and(
    sql`(cast(${value('search')} as text) is null or instr(${folds.name}, ${value('search')}) > 0 or instr(${folds.description}, ${value('search')}) > 0)`,
    sql`(cast(${value('type')} as text) is null or ${tags.type} = ${value('type')})`,
    ...(['isActive', 'isVisible', 'visibilityBoost'] as const).map((name) => sql`(cast(${value(name)} as integer) is null or ${tags[name]} = ${value(name)})`),
  )
  const page = keyset(db, tags, 'asc', isListed)
  const count = db.select({ count: sql<number>`count(*)` }).from(tags).where(isListed).prepare()
  const columns = { id: tags.id, name: folds.name, type: tags.type, createdAt: tags.createdAt }
  const sorted = (order: readonly TagOrder[]) => order.map(({ by, isDescending }) => (isDescending ? desc : asc)(columns[by]))
  const prepareBy = (order: readonly TagOrder[]) => db.select().from(tags).where(isListed).orderBy(...sorted(order)).limit(window.limit).offset(window.offset).prepare()
  // One for each order that occurs: with each column counting once, there are at most 237.
  const pages = new Map<string, ReturnType<typeof prepareBy>>()

  function pageBy (order: readonly TagOrder[]): ReturnType<typeof prepareBy> {
    const key = JSON.stringify(order)
    const page = pages.get(key) ?? prepareBy(order)
    pages.set(key, page)
    return page
  }

  const isHeld = eq(taggings.tagId, sql.placeholder('id'))
  const held = db.select({ userId: taggings.userId }).from(taggings).where(isHeld).limit(1).prepare()
  const assign = db.insert(taggings).values({ userId: value('userId'), tagId: value('tagId') }).prepare()
  const unassign = db.delete(taggings).where(and(eq(taggings.userId, sql.placeholder('userId')), eq(taggings.tagId, sql.placeholder('tagId')))).prepare()

  return {
    async find (id: number): Promise<Tag | undefined> {
      return byId.get({ id })
    },

    async findByName (type: Tag['type'], name: string): Promise<Tag | undefined> {
      return byName.get({ type, name })
    },

    /** By id, a part at a time. */
    async page (filter: TagFilter, part: Part): Promise<Tag[]> {
      return page(part, valuesOf(filter))
    },

    async list (filter: TagFilter, order: readonly TagOrder[], limit: number, offset: number): Promise<{ count: number, tags: Tag[] }> {
      const where = valuesOf(filter)
      const [whole, part] = await Promise.all([count.get(where), pageBy(total(order)).all({ ...where, limit, offset })])
      return { count: whole?.count ?? 0, tags: part }
    },

    async insert (given: TagRules & { createdAt: number }): Promise<Tag> {
      return insert.get({ ...given, ...flagsOf(given) })
    },

    async update (id: number, given: TagRules): Promise<Tag> {
      return update.get({ ...given, ...flagsOf(given), id })
    },

    /** Whether anybody has it, people who were deleted softly included. */
    async isHeld (id: number): Promise<boolean> {
      return await held.get({ id }) !== undefined
    },

    async assign (userId: number, tagId: number): Promise<void> {
      await assign.run({ userId, tagId })
    },

    async unassign (userId: number, tagId: number): Promise<void> {
      await unassign.run({ userId, tagId })
    },
  }
}

const valuesOf = ({ search, type, isActive, isVisible, visibilityBoost }: TagFilter) => ({
  search: search === undefined ? null : folded(search), type: type ?? null,
  isActive: flag(isActive), isVisible: flag(isVisible), visibilityBoost: flag(visibilityBoost),
})

const flag = (value: boolean | undefined): number | null => value === undefined ? null : Number(value)

const flagsOf = ({ isActive, isVisible, visibilityBoost }: TagRules) =>
  ({ isActive: Number(isActive), isVisible: Number(isVisible), visibilityBoost: Number(visibilityBoost) })

/** An order without ties: each column counts once, and the id, which goes the way of the column before it, ends it. */
function total (order: readonly TagOrder[]): TagOrder[] {
  const firsts = order.filter(({ by }, i) => order.findIndex((other) => other.by === by) === i)
  const end = firsts.findIndex(({ by }) => by === 'id')
  if (end !== -1) return firsts.slice(0, end + 1)
  return [...firsts, { by: 'id', isDescending: firsts.at(-1)?.isDescending ?? false }]
}
