import type { Database, Queries } from '../../db/index.ts'

/** How many go in one write: more would block the event loop. */
const AT_ONCE = 500

/** Removes what has expired, in pieces. */
export interface Expiry {
  /** Removes sessions and the API tokens that depend on them. Resolves to how many sessions. */
  removeSessions: () => Promise<number>
  /** Removes mailed codes. Resolves to how many. */
  removeCodes: () => Promise<number>
  /** Removes tickets for a second factor. Resolves to how many. */
  removeTickets: () => Promise<number>
  /** Removes what the log has told long enough; who is gone stays told. Resolves to how many rows. */
  removeChanges: () => Promise<number>
}

const DAY_MS = 86_400_000

/** `auditDays`: how long the log of changes is kept. */
export function createExpiry ({ db, auditDays, now = Date.now }: { db: Database, auditDays: number, now?: () => number }): Expiry {
  async function remove (some: (tx: Queries) => Promise<number>): Promise<number> {
    let removed = 0
    let last: number
    do {
      last = await db.write(some)
      removed += last
    } while (last === AT_ONCE)
    return removed
  }

  return {
    removeSessions: () => remove((tx) => tx.sessions.removeExpired(now(), AT_ONCE)),
    removeCodes: () => remove((tx) => tx.codes.removeExpired(now(), AT_ONCE)),
    removeTickets: () => remove((tx) => tx.tickets.removeExpired(now(), AT_ONCE)),
    async removeChanges () {
      let removed = 0
      let after = 0
      for (;;) {
        const part = { after, most: AT_ONCE }
        const done = await db.write((tx) => tx.changes.removeOld(now() - auditDays * DAY_MS, part))
        removed += done.removed
        if (done.last === undefined) return removed
        after = done.last
      }
    },
  }
}
