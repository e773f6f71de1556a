import { eq, sql } from './drizzle.ts'
import type { Db, InferSelectModel } from './drizzle.ts'
import type { Dialect } from './dialect.ts'
import type { Engine } from './engine.ts'
import { doomed } from './schema.ts'

export type Going = InferSelectModel<typeof doomed>

function statementsOf (db: Db, dialect: Dialect) {
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const byName = eq(doomed.name, sql.placeholder('name'))
  const add = db.insert(doomed).values({ name: value('name'), kind: value('kind'), at: value('at') })
    .onConflictDoUpdate({ target: doomed.name, set: { at: sql`excluded.at` } }).prepare()
  const claim = db.update(doomed).set({ at: value('until') })
    .where(sql`${doomed.name} in (select name from ${doomed} where ${doomed.at} <= ${sql.placeholder('now')} order by at limit ${sql.placeholder('limit')} ${dialect.passingOver})`).returning().prepare()
  const end = db.delete(doomed).where(byName).prepare()
  const find = db.select().from(doomed).where(byName).prepare()
  const count = db.select({ count: sql<number>`count(*)` }).from(doomed).prepare()
  return { add, claim, end, find, count }
}

/** The pictures whose files are to be removed from a store that is tracked; of any other nothing is noted. */
export function goingQueries (db: Db, { tracksPictures, dialect }: Pick<Engine, 'tracksPictures' | 'dialect'>) {
  // Where nothing is noted, nothing is prepared.
  let made: ReturnType<typeof statementsOf> | undefined
  const statements = () => made ??= statementsOf(db, dialect)

  return {
    /** Dooms pictures that nobody has any more. */
    async add (pictures: readonly Pick<Going, 'kind' | 'name'>[], at = Date.now()): Promise<void> {
      if (tracksPictures) for (const { kind, name } of pictures) await statements().add.run({ kind, name, at })
    },

    /** So many that are due by now; nobody else is given them before `until`. */
    async claim (now: number, until: number, limit: number): Promise<Going[]> {
      return statements().claim.all({ now, until, limit })
    },

    /** Its files are gone. */
    async end (name: string): Promise<void> {
      await statements().end.run({ name })
    },

    async has (name: string): Promise<boolean> {
      return await statements().find.get({ name }) !== undefined
    },

    /** How many there are. */
    async count (): Promise<number> {
      return (await statements().count.get())?.count ?? 0
    },
  }
}
