import { and, asc, desc, eq, sql } from './drizzle.ts'
import type { Db, InferInsertModel, InferSelectModel } from './drizzle.ts'
import type { Deed } from './deeds.ts'
import type { Engine } from './engine.ts'
import { changes, users } from './schema.ts'

export type Change = InferSelectModel<typeof changes>
export type NewChange = InferInsertModel<typeof changes>

/** Page size: some milliseconds on the event loop. */
const PAGE = 1_000
/** The field of a tombstone, the one row that stays of somebody who was removed for good: everything. */
const ALL = '*'
export const isTombstone = sql`${changes.fields} = ${JSON.stringify([ALL])}`

export function changeQueries (db: Db, { deeds, dialect }: Pick<Engine, 'deeds' | 'dialect'>) {
  const ofUser = db.select().from(changes).where(eq(changes.userId, sql.placeholder('userId'))).orderBy(desc(changes.id)).limit(sql.placeholder('most')).prepare()
  const since = db.select({ fields: changes.fields, version: changes.version }).from(changes)
    .where(sql`${changes.userId} = ${sql.placeholder('userId')} and ${changes.version} > ${sql.placeholder('version')} and ${changes.noun} = 'account'`).orderBy(asc(changes.id)).limit(PAGE).prepare()
  const lastHiding = db.select({ actorId: changes.actorId }).from(changes)
    .where(and(eq(changes.userId, sql.placeholder('userId')), sql`${changes.fields} = '["deletedAt"]'`)).orderBy(desc(changes.id)).limit(1).prepare()
  const insert = db.insert(changes).values({
    userId: sql.placeholder('userId'),
    actorId: sql.placeholder('actorId'),
    family: sql.placeholder('family'),
    fields: sql`${sql.placeholder('fields')}`,
    dropped: sql`${sql.placeholder('dropped')}`,
    version: sql.placeholder('version'),
    at: sql.placeholder('at'),
    noun: sql`${sql.placeholder('noun')}`,
    verb: sql`${sql.placeholder('verb')}`,
    subjectId: sql`${sql.placeholder('subjectId')}`,
    address: sql`${sql.placeholder('address')}`,
  }).prepare()
  const newest = db.select({ at: changes.at }).from(changes).orderBy(desc(changes.id)).limit(1).prepare()
  const userId = sql.placeholder('userId')
  // What says that somebody is gone says it for ever.
  const old = db.select({ id: changes.id, at: changes.at, isTombstone: sql<number>`${isTombstone}` }).from(changes).where(sql`${changes.id} > ${sql.placeholder('after')}`).orderBy(asc(changes.id)).limit(sql.placeholder('most')).prepare()
  const removeThese = db.delete(changes).where(sql`${changes.id} in (${dialect.numbers(sql.placeholder('ids'))})`).prepare()
  const removable = sql`(select ${changes.id} from ${changes} where ${changes.userId} = ${userId} and not ${isTombstone} limit ${sql.placeholder('most')})`
  const removeOf = db.delete(changes).where(sql`${changes.id} in ${removable}`).prepare()
  const isOfAnother = sql`${changes.actorId} <> ${changes.userId}`
  const some = sql`(select ${changes.id} from ${changes} where ${changes.actorId} = ${userId} and ${isOfAnother} limit ${sql.placeholder('most')})`
  const forgetActor = db.update(changes).set({ actorId: null, address: null }).where(sql`${changes.id} in ${some}`).prepare()
  // Steps through the index from one actor to the next: there are few actors, however many changes.
  const first = sql`select min(${changes.actorId}) from ${changes} where ${isOfAnother}`
  const actors = sql`with recursive actors (id) as (${first} union all select (${first} and ${changes.actorId} > actors.id) from actors where actors.id is not null)`
  const goneActors = sql`${actors} select id from actors where id is not null and id not in (select ${users.id} from ${users})`

  async function add (change: NewChange): Promise<void> {
    await insert.run({ noun: 'account', verb: 'changed', subjectId: null, address: null, ...change, fields: JSON.stringify(change.fields), dropped: JSON.stringify(change.dropped) })
    const { userId, actorId = null, noun = 'account', verb = 'changed', family, fields, version, at } = change
    if (noun === 'account') deeds.note({ what: verb as Deed['what'], userId, actorId, family, fields, version, at })
  }

  return {
    /** What was done to an account is told after the commit. */
    async insert (change: NewChange): Promise<void> {
      await add(change)
    },

    /** Notes that somebody is removed for good; `removeOf` leaves it. */
    async insertTombstone (change: Omit<NewChange, 'fields'>): Promise<void> {
      await add({ ...change, fields: [ALL] })
    },

    /** Who deleted somebody softly who is deleted now; null is the operator, or somebody who is gone. */
    async hiddenBy (userId: number): Promise<number | null> {
      return (await lastHiding.get({ userId }))?.actorId ?? null
    },

    /** When the last change was written, in milliseconds. */
    async newestAt (): Promise<number | undefined> {
      return (await newest.get())?.at
    },

    /** Removes up to `most` of what was done to a person. Resolves to how many. */
    async removeOf (id: number, most: number): Promise<number> {
      return (await removeOf.run({ userId: id, most })).changes
    },

    /** Takes this actor's id out of up to `most` changes of others. Resolves to how many. */
    async forgetActor (id: number, most: number): Promise<number> {
      return (await forgetActor.run({ userId: id, most })).changes
    },

    /**
     * Looks at the next rows after an id, which stand in the order of time, and removes those from before a time in milliseconds,
     * tombstones aside. Resolves to how many, and to the id to go on from; `undefined` when the rest is younger.
     */
    async removeOld (before: number, { after, most }: { after: number, most: number }): Promise<{ removed: number, last: number | undefined }> {
      const rows = await old.all({ after, most })
      const ids = rows.filter(({ at, isTombstone }) => at < before && !isTombstone).map(({ id }) => id)
      const last = rows.length === most ? rows.at(-1) : undefined
      return { removed: (await removeThese.run({ ids: JSON.stringify(ids) })).changes, last: last !== undefined && last.at < before ? last.id : undefined }
    },

    /** Actors whose account is gone but whose id is still on changes of others. */
    async goneActors (): Promise<number[]> {
      return (await db.all<{ id: number }>(goneActors)).map(({ id }) => id)
    },

    /** What was done to one account after it had this version, oldest first; the first thousand. */
    async since (userId: number, version: number): Promise<Pick<Change, 'fields' | 'version'>[]> {
      return since.all({ userId, version })
    },

    /** What was done to one account last, the oldest of it first. */
    async list (userId: number, most = PAGE): Promise<Change[]> {
      return (await ofUser.all({ userId, most })).toReversed()
    },
  }
}
