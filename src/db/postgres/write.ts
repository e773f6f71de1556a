import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool, PoolClient } from './client.ts'
import type { Deeds } from '../deeds.ts'
import { DatabaseError } from '../errors.ts'
import { lend } from '../lend.ts'
import type { Keep } from '../works.ts'
import { causeOf, isCollision, isLoss, translated } from './errors.ts'
import { createTurns } from './turns.ts'
import type { EndTurn, TakeTurn } from './turns.ts'

/** Of works that get into each other's way, so often. */
const TRIES = 8
/** After so many one waits for its turn, with those of other processes that do. */
const EAGER = 2
/** At first; twice as long each time, so that of many who met each other some have gone before the others come back. */
const PAUSE_MS = 5
/** A work waits for nothing but its statements, and those are quick. */
const BEGIN = "begin isolation level serializable; set local lock_timeout = '2s'; set local statement_timeout = '10s'; set local idle_in_transaction_session_timeout = '5s'"

/** What is prepared for a connection. */
export interface Prepared<Q> { queries: Q, deeds: Pick<Deeds, 'mark' | 'undo' | 'committed'>, settled: () => Promise<void> }

interface Needs<Q> {
  pool: Pool
  preparedOn: (client: PoolClient) => Prepared<Q>
  /** Called after each commit that did not fail, with how many works shared it. */
  committed: (works: number) => void
}

export interface Writer<Q> {
  write: <T>(work: (tx: Q) => Promise<T>) => Promise<T>
  writeAll: <T>(works: readonly ((tx: Q) => Promise<T>)[], keep: Keep) => Promise<PromiseSettledResult<T>[]>
  /** Resolves when everything that was begun has ended. */
  idle: () => Promise<void>
  readonly counts: { commits: number, works: number }
}

/**
 * The one way to write: a transaction of its own for each call, as if there were no others (SERIALIZABLE). One that met another
 * is run again, up to eight times, and soon in its turn. Rejects with what the work threw; DATABASE_BUSY, DATABASE_FULL, DATABASE_UNCERTAIN.
 */
export function createWriter<Q extends object> ({ pool, preparedOn, committed }: Needs<Q>): Writer<Q> {
  const counts = { commits: 0, works: 0 }
  const running = new Set<Promise<unknown>>()
  const turns = createTurns()

  async function settled<T> (works: readonly ((tx: Q) => Promise<T>)[], keep: Keep): Promise<PromiseSettledResult<T>[]> {
    for (let tries = 1; ; tries++) {
      try {
        return tries <= EAGER ? await once(works, keep) : await turns.inTurn((takeTurn) => once(works, keep, takeTurn))
      } catch (error) {
        if (!isCollision(error) || tries === TRIES) throw translated(error)
        await sleep(Math.random() * PAUSE_MS * 2 ** tries)
      }
    }
  }

  /** Throws what is to be tried again, and what is nobody's work's fault. */
  async function once<T> (works: readonly ((tx: Q) => Promise<T>)[], keep: Keep, takeTurn?: TakeTurn): Promise<PromiseSettledResult<T>[]> {
    const client = await pool.connect()
    let isLost = false
    let endTurn: EndTurn | undefined
    try {
      const prepared = preparedOn(client)
      endTurn = await takeTurn?.(client)
      await client.query(BEGIN)
      const ends: PromiseSettledResult<T>[] = []
      for (const work of works) ends.push(await run(client, work, prepared, works.length > 1))
      const isKept = keep === 'each' ? ends.some(({ status }) => status === 'fulfilled') : keep === 'all' && ends.every(({ status }) => status === 'fulfilled')
      if (!isKept) {
        prepared.deeds.undo(0)
        await client.query('rollback')
        return ends
      }
      await commit(client)
      counts.commits++
      counts.works += works.length
      // It is done, whatever becomes of what is kept beside it; whoever changed it says so to everybody.
      await prepared.settled().catch(() => {})
      prepared.deeds.committed()
      committed(works.length)
      return ends
    } catch (error) {
      preparedOn(client).deeds.undo(0)
      isLost = isLoss(error)
      if (!isLost) await client.query('rollback').catch(() => { isLost = true })
      throw error
    } finally {
      // A connection that would keep its turn is not given back.
      if (!isLost) await endTurn?.().catch(() => { isLost = true })
      client.release(isLost)
    }
  }

  /** Of several works each has a savepoint, so that its failure undoes only itself. */
  async function run<T> (client: PoolClient, work: (tx: Q) => Promise<T>, { queries, deeds }: Prepared<Q>, isOneOfMany: boolean): Promise<PromiseSettledResult<T>> {
    const { tx, revoke } = lend(queries)
    const mark = deeds.mark()
    if (isOneOfMany) await client.query('savepoint work')
    try {
      const value = await work(tx)
      if (isOneOfMany) await client.query('release work')
      return { status: 'fulfilled', value }
    } catch (error) {
      if (isCollision(error) || isLoss(error)) throw error
      deeds.undo(mark)
      if (isOneOfMany) await client.query('rollback to work')
      return { status: 'rejected', reason: translated(error) }
    } finally {
      revoke()
    }
  }

  async function commit (client: PoolClient): Promise<void> {
    try {
      // A transaction in which a statement failed ends so, whatever is asked for.
      if ((await client.query('commit')).command !== 'COMMIT') throw new Error('a work went on after one of its statements had failed')
    } catch (error) {
      throw isLoss(error) ? new DatabaseError('DATABASE_UNCERTAIN', causeOf(error)) : error
    }
  }

  function watched<T> (ending: Promise<T>): Promise<T> {
    running.add(ending)
    const forget = () => { running.delete(ending) }
    ending.then(forget, forget)
    return ending
  }

  return {
    counts,
    async write (work) {
      const [end] = await watched(settled([work], 'each'))
      if (end?.status === 'fulfilled') return end.value
      throw end?.reason
    },
    async writeAll (works, keep) {
      return works.length === 0 ? [] : watched(settled(works, keep).catch((reason: unknown) => works.map(() => ({ status: 'rejected' as const, reason }))))
    },
    async idle () {
      while (running.size > 0) await Promise.allSettled(running)
    },
  }
}
