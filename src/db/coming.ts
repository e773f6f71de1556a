import { asc, eq, sql } from './drizzle.ts'
import type { Db, InferSelectModel } from './drizzle.ts'
import type { Dialect } from './dialect.ts'
import type { Engine } from './engine.ts'
import { uploads } from './schema.ts'

type Coming = InferSelectModel<typeof uploads>

function statementsOf (db: Db, dialect: Dialect) {
  const value = (name: string) => sql`${sql.placeholder(name)}`
  const byName = eq(uploads.name, sql.placeholder('name'))
  // A picture whose sizes are made anew is on its way again, and may be so twice.
  const begin = db.insert(uploads).values({ name: value('name'), kind: value('kind'), at: value('at') })
    .onConflictDoUpdate({ target: uploads.name, set: { at: sql`excluded.at` } }).prepare()
  const end = db.delete(uploads).where(byName).prepare()
  const find = db.select().from(uploads).where(byName).prepare()
  const stale = db.select().from(uploads).where(sql`${uploads.at} <= ${sql.placeholder('until')}`).orderBy(asc(uploads.at)).limit(sql.placeholder('limit')).prepare()
  const take = db.delete(uploads).where(sql`${uploads.name} in (select name from ${uploads} where ${uploads.name} = ${sql.placeholder('name')} and ${uploads.at} <= ${sql.placeholder('until')} ${dialect.passingOver})`).prepare()
  return { begin, end, find, stale, take }
}

/** The pictures that are on their way into a store that is tracked; of any other nothing is noted. */
export function comingQueries (db: Db, { tracksPictures, dialect }: Pick<Engine, 'tracksPictures' | 'dialect'>) {
  // Where nothing is noted, nothing is prepared.
  let made: ReturnType<typeof statementsOf> | undefined
  const statements = () => made ??= statementsOf(db, dialect)

  return {
    async begin (picture: Coming): Promise<void> {
      await statements().begin.run(picture)
    },

    /** It has arrived, or was taken back. False when it was given up meanwhile. */
    async end (name: string): Promise<boolean> {
      return !tracksPictures || (await statements().end.run({ name })).changes === 1
    },

    async has (name: string): Promise<boolean> {
      return await statements().find.get({ name }) !== undefined
    },

    /** Those that are on their way since then, the oldest first. */
    async stale (until: number, limit: number): Promise<Coming[]> {
      return statements().stale.all({ until, limit })
    },

    /** Gives one up that is still on its way since then. False when it is not, or somebody else is at it. */
    async giveUp (name: string, until: number): Promise<boolean> {
      return (await statements().take.run({ name, until })).changes === 1
    },
  }
}
