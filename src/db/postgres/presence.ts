import type { Seen } from '../presence.ts'
import { translated } from './errors.ts'
import type { Pool } from './client.ts'

// The rows are taken by their numbers, so that of two processes that note the same people none waits for the other in a circle; and each
// by itself, because that somebody was here is in nobody's way.
const noting = (table: string, column: string) => `with due as (
    select one.id, given.at from "${table}" as one join unnest($1::bigint[], $2::bigint[]) as given (id, at) on one.id = given.id
    where coalesce(one."${column}", 0) < given.at order by one.id for no key update of one)
  update "${table}" as one set "${column}" = greatest(one."${column}", due.at) from due where one.id = due.id`

const NOTE: Record<Seen, { name: string, text: string }> = {
  people: { name: 'seen people', text: noting('users', 'last_seen_at') },
  sessions: { name: 'seen sessions', text: noting('sessions', 'last_seen_at') },
  keys: { name: 'seen keys', text: noting('keys', 'last_used_at') },
}

/** Notes when each was here, or used, in one statement. */
export async function noteSeen (pool: Pool, kind: Seen, notes: readonly (readonly [id: number, at: number])[]): Promise<void> {
  try {
    await pool.query({ ...NOTE[kind], values: [notes.map(([id]) => id), notes.map(([, at]) => at)] })
  } catch (error) {
    throw translated(error)
  }
}
