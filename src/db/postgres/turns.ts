import type { PoolClient } from './client.ts'

/** A number of our own. */
const TURN = 5_646_004
/** A session keeps the lock when the transaction in which it was taken has ended. Whoever has waited too long goes on without it. */
const TAKE = `begin; set local lock_timeout = '2s'; select pg_advisory_lock(${TURN}); commit`

export type EndTurn = () => Promise<void>
/** Waits on a connection, before its transaction begins: one that has begun would see what was before it waited. */
export type TakeTurn = (client: PoolClient) => Promise<EndTurn>

/**
 * Lets works that keep meeting each other come one after the other: of a process one at a time asks the database for its turn, so that
 * those who wait hold no connections.
 */
export function createTurns () {
  let last: Promise<unknown> = Promise.resolve()

  const take: TakeTurn = async (client) => {
    try {
      await client.query(TAKE)
    } catch {
      await client.query('rollback')
      return async () => {}
    }
    return async () => { await client.query('select pg_advisory_unlock($1)', [TURN]) }
  }

  return {
    inTurn <T> (work: (take: TakeTurn) => Promise<T>): Promise<T> {
      const turn = last.then(() => work(take))
      last = turn.catch(() => {})
      return turn
    },
  }
}
