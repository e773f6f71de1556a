import type { Database } from '../db/open.ts'
import type { Credential } from './credentials.ts'

const ONLINE_MS = 5 * 60_000

/** What is noted of each: when a person was here, when a session or an API token was used. */
type Noted = 'people' | 'sessions' | 'keys'

const nothing = () => ({ people: new Map<number, number>(), sessions: new Map<number, number>(), keys: new Map<number, number>() })

/**
 * When people were last seen, and by what. Kept in memory, so that a request costs no write; `flush` puts down what is new.
 */
export function createPresence ({ db, now = Date.now }: { db: Database, now?: () => number }) {
  const seen = new Map<number, number>()
  let unwritten: Record<Noted, Map<number, number>> = nothing()

  return {
    saw (userId: number, credential?: Pick<Credential, 'kind' | 'id'>): void {
      const at = now()
      seen.set(userId, at)
      unwritten.people.set(userId, at)
      if (credential?.kind === 'session') unwritten.sessions.set(credential.id, at)
      if (credential?.kind === 'key') unwritten.keys.set(credential.id, at)
    },

    isOnline ({ id, lastSeenAt }: { id: number, lastSeenAt: number | null }): boolean {
      const last = seen.get(id) ?? lastSeenAt
      return last !== null && now() - last < ONLINE_MS
    },

    /** Whoever was seen lately: those that are in memory, and since when the others count. */
    online (): { ids: number[], since: number } {
      const since = now() - ONLINE_MS
      return { ids: [...seen].filter(([, at]) => at > since).map(([id]) => id), since }
    },

    /** One write for everybody seen since the last one. A failed one is made up for by the next. */
    async flush (): Promise<void> {
      const { people, sessions, keys } = unwritten
      if (people.size === 0) return
      unwritten = nothing()
      try {
        await db.write(async (tx) => {
          for (const [id, at] of people) await tx.presence.seen(id, at)
          for (const [id, at] of sessions) await tx.sessions.seen(id, at)
          for (const [id, at] of keys) await tx.keys.used(id, at)
        })
      } catch (error) {
        unwritten = {
          people: new Map([...people, ...unwritten.people]),
          sessions: new Map([...sessions, ...unwritten.sessions]),
          keys: new Map([...keys, ...unwritten.keys]),
        }
        throw error
      }
      for (const [id, at] of seen) if (!unwritten.people.has(id) && now() - at >= ONLINE_MS) seen.delete(id)
    },
  }
}

export type Presence = ReturnType<typeof createPresence>
