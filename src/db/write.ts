import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Database as Connection } from 'better-sqlite3'

const BUSY_RETRY_MS = 25
const BUSY_GIVE_UP_MS = 2_000
/** More than this in one commit would keep the event loop from everybody else. */
const GROUP_LIMIT = 256

interface Job<Q> {
  work: (tx: Q) => Promise<unknown>
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

export interface Writer<Q> {
  write: <T>(work: (tx: Q) => Promise<T>) => Promise<T>
  /** Resolves when everything queued so far has been committed or refused. */
  idle: () => Promise<void>
}

/**
 * The one way to write. Works that were queued in the same turn of the event loop share one durable commit; each runs in
 * a savepoint of its own, so its failure undoes only itself. A promise resolves after the commit is on the disk.
 * Another process holding the lock longer than two seconds: SQLITE_BUSY.
 */
export function createWriter<Q extends object> (connection: Connection, queries: Q): Writer<Q> {
  const statement = {
    begin: connection.prepare('BEGIN IMMEDIATE'),
    commit: connection.prepare('COMMIT'),
    rollback: connection.prepare('ROLLBACK'),
    save: connection.prepare('SAVEPOINT work'),
    keep: connection.prepare('RELEASE work'),
    undo: connection.prepare('ROLLBACK TO work'),
  }
  const queue: Job<Q>[] = []
  let isDraining = false

  function write<T> (work: (tx: Q) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      queue.push({ work, resolve: resolve as (value: unknown) => void, reject })
      if (isDraining) return
      isDraining = true
      void nextTurn().then(drain)
    })
  }

  async function drain (): Promise<void> {
    while (queue.length > 0) {
      try {
        await begin()
        await commit(queue.splice(0, GROUP_LIMIT))
      } catch (error) {
        for (const job of queue.splice(0)) job.reject(error)
      }
      // Whoever waits for the loop comes before the next group.
      if (queue.length > 0) await nextTurn()
    }
    isDraining = false
  }

  /** SQLite's own busy wait would block the event loop, so the long part of the wait is ours. */
  async function begin (): Promise<void> {
    const giveUp = performance.now() + BUSY_GIVE_UP_MS
    for (;;) {
      try {
        statement.begin.run()
        return
      } catch (error) {
        if (!isBusy(error) || performance.now() > giveUp) throw error
        await sleep(BUSY_RETRY_MS)
      }
    }
  }

  async function commit (group: Job<Q>[]): Promise<void> {
    const answers: (() => void)[] = []
    try {
      for (const job of group) answers.push(await run(job))
      statement.commit.run()
    } catch (error) {
      if (connection.inTransaction) statement.rollback.run()
      for (const job of group) job.reject(error)
      return
    }
    for (const answer of answers) answer()
  }

  /** Runs one work and returns how to answer it after the commit; throws when the whole group is lost. */
  async function run (job: Job<Q>): Promise<() => void> {
    const { tx, revoke } = lend(queries)
    statement.save.run()
    try {
      const value = await withinThisTick(job.work(tx))
      statement.keep.run()
      return () => job.resolve(value)
    } catch (error) {
      // SQLITE_FULL and its like end the transaction: what the neighbours wrote is gone as well.
      if (!connection.inTransaction) throw error
      statement.undo.run()
      statement.keep.run()
      return () => job.reject(error)
    } finally {
      revoke()
    }
  }

  return {
    write,
    async idle () { while (isDraining) await nextTurn() },
  }
}

/** Awaiting a query never leaves the microtask queue; a work that waits for anything else would hold up every writer. */
function withinThisTick<T> (work: Promise<T>): Promise<T> {
  return Promise.race([work, new Promise<never>((_resolve, reject) => {
    process.nextTick(() => reject(new Error('a write awaited something other than its transaction')))
  })])
}

/** The queries, usable until revoked: a work that outlives its savepoint must not write into a neighbour's. */
function lend<Q extends object> (queries: Q): { tx: Q, revoke: () => void } {
  let isLent = true
  const guard = (noun: object): object => new Proxy(noun, {
    get (target, verb) {
      const query = Reflect.get(target, verb) as (...args: unknown[]) => unknown
      return (...args: unknown[]) => {
        if (!isLent) throw new Error('a write used its transaction after the end of it')
        return query(...args)
      }
    },
  })
  const tx = Object.fromEntries(Object.entries(queries).map(([name, noun]) => [name, guard(noun as object)])) as Q
  return { tx, revoke: () => { isLent = false } }
}

function isBusy (error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')
}
