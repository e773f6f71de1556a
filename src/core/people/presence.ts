import type { Database, Seen } from '../../db/index.ts'
import type { Credential } from '../credentials/index.ts'

const ONLINE_MS = 5 * 60_000

const KINDS = ['people', 'sessions', 'keys'] as const satisfies Seen[]

/** How many are written in one piece, which takes some ten milliseconds: more would block the event loop. */
const AT_ONCE = 250

/**
 * When people were last seen, and by what. Kept in memory, so that a request costs no write; `flush` puts down what is new.
 */
export function createPresence ({ db, now = Date.now }: { db: Database, now?: () => number }) {
  const seen = new Map<number, number>()
  const unwritten: Record<Seen, Map<number, number>> = { people: new Map(), sessions: new Map(), keys: new Map() }

  /** Writes what one kind has now. An entry stays in memory until its commit, so a failure loses nothing. */
  async function write (kind: Seen): Promise<void> {
    const notes = [...unwritten[kind]]
    for (let i = 0; i < notes.length; i += AT_ONCE) {
      const part = notes.slice(i, i + AT_ONCE)
      await db.noteSeen(kind, part)
      for (const [id, at] of part) if (unwritten[kind].get(id) === at) unwritten[kind].delete(id)
    }
  }

  return {
    saw (userId: number, credential?: Pick<Credential, 'kind' | 'id'>): void {
      const at = now()
      seen.set(userId, at)
      unwritten.people.set(userId, at)
      if (credential?.kind === 'session') unwritten.sessions.set(credential.id, at)
      if (credential?.kind === 'key') unwritten.keys.set(credential.id, at)
    },

    isOnline ({ id, lastSeenAt }: { id: number, lastSeenAt: number | null }): boolean {
      // Another process may have seen them later.
      const last = Math.max(seen.get(id) ?? -Infinity, lastSeenAt ?? -Infinity)
      return now() - last < ONLINE_MS
    },

    /** Who was seen lately: the ids that are not in the rows yet, and since when `lastSeenAt` of the others counts. */
    online (): { ids: number[], since: number } {
      const since = now() - ONLINE_MS
      const ids: number[] = []
      // Without a copy of all that is noted: a hundred thousand may be.
      for (const [id, at] of unwritten.people) if (at > since) ids.push(id)
      return { ids, since }
    },

    /** Writes who was seen since the last flush, in pieces. The next flush makes up for one that failed. */
    async flush (): Promise<void> {
      for (const kind of KINDS) await write(kind)
      for (const [id, at] of seen) if (!unwritten.people.has(id) && now() - at >= ONLINE_MS) seen.delete(id)
    },
  }
}

export type Presence = ReturnType<typeof createPresence>
