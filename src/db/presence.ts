import { eq, sql } from './drizzle.ts'
import type { Db } from './drizzle.ts'
import { users } from './schema.ts'

/** What is noted of each: when a person was here, when a session or an API token was used. */
export type Seen = 'people' | 'sessions' | 'keys'

/** What the service itself notes about a person; none of it moves the version. */
export function presenceQueries (db: Db) {
  const id = sql.placeholder('id')
  const at = sql`${sql.placeholder('at')}`
  const seen = db.update(users).set({ lastSeenAt: at }).where(eq(users.id, id)).prepare()
  const signedIn = db.update(users).set({ lastLoginAt: at }).where(eq(users.id, id)).prepare()

  return {
    async seen (userId: number, time: number): Promise<void> {
      await seen.run({ id: userId, at: time })
    },

    async signedIn (userId: number, time: number): Promise<void> {
      await signedIn.run({ id: userId, at: time })
    },
  }
}
