import { and, asc, eq, sql } from './drizzle.ts'
import type { Db, InferSelectModel } from './drizzle.ts'
import { profileFields, users } from './schema.ts'
import type { AttributeValue } from './schema.ts'
import type { Engine } from './engine.ts'

/** A declared field, as its operator described it. */
export type ProfileField = InferSelectModel<typeof profileFields>
export type FieldRules = Omit<ProfileField, 'id' | 'key' | 'createdAt' | 'updatedAt' | 'droppedAt'>

export function profileFieldQueries (db: Db, { renewal, declared, dialect }: Pick<Engine, 'renewal' | 'declared' | 'dialect'>) {
  const id = sql.placeholder('id')
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const rules = {
    label: value('label'), type: value('type'), options: value('options'), isMandatory: value('isMandatory'), isEditable: value('isEditable'),
    isSearchable: value('isSearchable'), read: value('read'), write: value('write'), updatedAt: value('at'),
  }
  const all = db.select().from(profileFields).orderBy(asc(profileFields.id)).prepare()
  const insert = db.insert(profileFields).values({ key: value('key'), ...rules, createdAt: value('at') }).returning().prepare()
  const update = db.update(profileFields).set(rules).where(eq(profileFields.id, id)).returning().prepare()
  const drop = db.update(profileFields).set({ droppedAt: value('at') }).where(eq(profileFields.id, id)).prepare()
  const remove = db.delete(profileFields).where(eq(profileFields.id, id)).prepare()
  const present = sql`${users.deletedAt} is null`
  const isAfter = sql`${users.id} > ${id}`
  const values = db.select({ id: users.id, attributes: users.attributes }).from(users)
    .where(and(isAfter, present)).orderBy(asc(users.id)).limit(sql.placeholder('limit')).prepare()
  const holders = db.select({ id: users.id, attributes: users.attributes, visibility: users.visibility }).from(users)
    .where(isAfter).orderBy(asc(users.id)).limit(sql.placeholder('limit')).prepare()
  const empty = db.update(users).set({ attributes: value('attributes'), visibility: value('visibility') }).where(eq(users.id, id)).returning().prepare()

  const encoded = (given: FieldRules) => ({
    ...given, options: JSON.stringify(given.options), isMandatory: Number(given.isMandatory), isEditable: Number(given.isEditable), isSearchable: Number(given.isSearchable),
  })

  return {
    /** The fields that are declared, in the order in which they were: the very same list until something about them changes. */
    declared,

    /** The same, those that are being removed included, as a transaction sees them. */
    async list (): Promise<ProfileField[]> {
      return all.all()
    },

    async insert (key: string, given: FieldRules, at: number): Promise<ProfileField> {
      return insert.get({ key, ...encoded(given), at })
    },

    async update (fieldId: number, given: FieldRules, at: number): Promise<ProfileField> {
      return update.get({ id: fieldId, ...encoded(given), at })
    },

    async drop (fieldId: number, at: number): Promise<void> {
      await drop.run({ id: fieldId, at })
    },

    async remove (fieldId: number): Promise<void> {
      await remove.run({ id: fieldId })
    },

    /** How many accounts there are. */
    async countAccounts (): Promise<number> {
      return (await db.get<{ count: number }>(sql`select ${dialect.headCount} as count`)).count
    },

    /** What so many accounts hold in one field, from the account after `afterId` on: however few have a value, no page takes long. */
    async values (key: string, afterId: number, limit: number): Promise<{ id: number, value: AttributeValue | null }[]> {
      return (await values.all({ id: afterId, limit })).map(({ id, attributes }) => ({ id, value: attributes[key] ?? null }))
    },

    /**
     * Takes the values of a field, and who may see them, from so many accounts, hidden ones included. Resolves to how many
     * had something, and to the last account, undefined when there was none.
     */
    async emptyValues (key: string, afterId: number, limit: number): Promise<{ emptied: number, last: number | undefined }> {
      const narrowed = `attributes.${key}`
      const page = await holders.all({ id: afterId, limit })
      const found = page.filter(({ attributes, visibility }) => key in attributes || narrowed in visibility)
      for (const { id, attributes: { [key]: _value, ...attributes }, visibility: { [narrowed]: _who, ...visibility } } of found) {
        const before = await renewal.look(id)
        await renewal.note(before, await empty.get({ id, attributes: JSON.stringify(attributes), visibility: JSON.stringify(visibility) }))
      }
      return { emptied: found.length, last: page.at(-1)?.id }
    },
  }
}
