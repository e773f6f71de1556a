import type { Use, Used, Uses } from '../uses.ts'
import type { Pool } from './client.ts'
import { translated } from './errors.ts'

const TAKE = { name: 'take uses', text: 'select name, ends_at, is_full from take_uses($1, $2, $3, $4)' }
const FULL = { name: 'full uses', text: 'select u.name, u.ends_at, true as is_full from uses as u join unnest($1::text[], $2::int[]) as given (name, most) on u.name = given.name where u.ends_at > $3 and u.used >= given.most' }
const GIVE_BACK = {
  name: 'give uses back',
  text: 'update uses set used = used - 1 where name in (select u.name from uses as u join unnest($1::text[], $2::bigint[]) as given (name, ends_at) on u.name = given.name and u.ends_at = given.ends_at where u.used > 0 order by u.name for update of u)',
}
const REMOVE = { text: 'delete from uses where name in (select name from uses where ends_at <= $1 order by name for update skip locked)' }

interface Row { name: string, ends_at: number, is_full: number }

/** Counts in a table without a log, by the server's clock: those of the machines on which processes run may differ. */
export function usesIn (pool: Pool): Uses {
  let ahead: Promise<number> | undefined

  async function rowsOf (query: { name?: string, text: string }, values: unknown[]): Promise<Row[]> {
    try {
      return (await pool.query<Row>({ ...query, values })).rows
    } catch (error) {
      throw translated(error)
    }
  }

  /** By how much the server's clock is ahead of the caller's, looked at once: what is told of the time that is left would jump. */
  async function behind (now: number): Promise<number> {
    ahead ??= rowsOf({ text: 'select cast(extract(epoch from clock_timestamp()) * 1000 as bigint) as ends_at' }, []).then(([row]) => Math.floor((row?.ends_at ?? 0) - now))
    try {
      return await ahead
    } catch (error) {
      ahead = undefined
      throw error
    }
  }

  const told = (rows: readonly Row[], offset: number): Used[] => rows.map(({ name, ends_at: endsAt }) => ({ name, endsAt: endsAt - offset }))
  const columns = (uses: readonly Use[]) => [uses.map(({ name }) => name), uses.map(({ limit }) => limit)]

  return {
    async full (uses, now) {
      const offset = await behind(now)
      return told(await rowsOf(FULL, [...columns(uses), Math.floor(now) + offset]), offset)
    },

    async take (uses, now) {
      const offset = await behind(now)
      const rows = await rowsOf(TAKE, [...columns(uses), uses.map(({ seconds }) => seconds * 1_000), Math.floor(now) + offset])
      return rows.some((row) => row.is_full === 1) ? { full: told(rows, offset) } : { taken: told(rows, offset) }
    },

    async giveBack (taken) {
      if (taken.length === 0) return
      const offset = await behind(0)
      await rowsOf(GIVE_BACK, [taken.map(({ name }) => name), taken.map(({ endsAt }) => endsAt + offset)])
    },

    async removeEnded (now) {
      await rowsOf(REMOVE, [Math.floor(now) + await behind(now)])
    },
  }
}
