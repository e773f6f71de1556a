import { sql } from '../drizzle.ts'
import type { Db } from '../drizzle.ts'
import type { OwnChecks } from '../engine.ts'
import { postgres } from './dialect.ts'

const counted = sql`(select count(*) from users where deleted_at is null)`

/** Its files are for its own tools to check, and its foreign keys leave no strays. */
export const ownChecksOf = (db: Db): OwnChecks => ({
  ofEngine: async () => ({ file: [], index: [] }),
  strays: async () => [],
  removeStray: async () => {},

  async miscount () {
    const found = await db.get<{ kept: number, counted: number }>(sql`select ${postgres.headCount} as kept, ${counted} as counted`)
    return found.kept === found.counted ? undefined : found
  },

  async recount () {
    await db.run(sql`delete from head_counts`)
    await db.run(sql`insert into head_counts select 0, ${counted}`)
  },
})
