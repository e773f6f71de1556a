import type { Database } from '../db/open.ts'

const ONLINE_MS = 5 * 60_000

/**
 * When people were last seen. Kept in memory, so that a request costs no write; `flush` puts down what is new.
 */
export function createPresence ({ db, now = Date.now }: { db: Database, now?: () => number }) {
  const seen = new Map<number, number>()
  let unwritten = new Set<number>()

  return {
    saw (userId: number): void {
      seen.set(userId, now())
      unwritten.add(userId)
    },

    isOnline ({ id, lastSeenAt }: { id: number, lastSeenAt: number | null }): boolean {
      const last = seen.get(id) ?? lastSeenAt
      return last !== null && now() - last < ONLINE_MS
    },

    /** One write for everybody seen since the last one. A failed one is made up for by the next. */
    async flush (): Promise<void> {
      const ids = unwritten
      unwritten = new Set()
      if (ids.size === 0) return
      try {
        await db.write(async (tx) => { for (const id of ids) await tx.presence.seen(id, seen.get(id) as number) })
      } catch (error) {
        for (const id of ids) unwritten.add(id)
        throw error
      }
      for (const [id, at] of seen) if (!unwritten.has(id) && now() - at >= ONLINE_MS) seen.delete(id)
    },
  }
}

export type Presence = ReturnType<typeof createPresence>
