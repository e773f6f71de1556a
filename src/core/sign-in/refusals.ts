import type { Database } from '../../db/index.ts'
import type { Way } from '../access.ts'
import { AppError } from '../errors.ts'
import { audit } from '../people/audit.ts'

const MINUTE_MS = 60_000
/** How many are written in one piece. */
const AT_ONCE = 250

interface Refusal { at: number, way: Way, isWritten: boolean }

/** Whether somebody showed something wrong: what is merely missing is no attempt. */
const isWrong = (error: unknown): boolean => error instanceof AppError &&
  (error.code === 'bad_credentials' || error.fields.some(({ code }) => code === 'second_factor_invalid'))

/**
 * Sign-ins to accounts that there are which were refused: one row an account and minute, and never what was typed. Kept in memory
 * and written by `flush`, so that whether there is an account shows in no answer's time.
 */
export function createRefusals ({ db, now = Date.now }: { db: Database, now?: () => number }) {
  const refused = new Map<number, Refusal>()

  function note (userId: number, way: Way): void {
    const last = refused.get(userId)
    if (last !== undefined && now() - last.at < MINUTE_MS) return
    refused.set(userId, { at: now(), way, isWritten: false })
  }

  return {
    note,

    /** Notes it when an attempt fails for something that was shown; whoever was meant may not be known before it does. */
    async watch<T> (way: Way, whose: () => number | undefined, attempt: () => Promise<T>): Promise<T> {
      try {
        return await attempt()
      } catch (error) {
        const userId = whose()
        if (userId !== undefined && isWrong(error)) note(userId, way)
        throw error
      }
    },

    /** Writes what is new. The next flush makes up for one that failed. */
    async flush (): Promise<void> {
      const due = [...refused].filter(([, { isWritten }]) => !isWritten)
      for (let i = 0; i < due.length; i += AT_ONCE) {
        const part = due.slice(i, i + AT_ONCE)
        await db.write(async (tx) => {
          // Somebody may be gone by now.
          for (const [id, { way }] of part) if (await tx.users.findRow(id) !== undefined) await audit(tx, { id: null, way }, { noun: 'sign-in', verb: 'refused', person: id })
        })
        for (const [, refusal] of part) refusal.isWritten = true
      }
      for (const [id, { at, isWritten }] of refused) if (isWritten && now() - at >= MINUTE_MS) refused.delete(id)
    },
  }
}

export type Refusals = ReturnType<typeof createRefusals>
