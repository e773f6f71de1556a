import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Database as Connection } from 'better-sqlite3'
import { translated } from '../errors.ts'
import type { Keep, Notes } from '../works.ts'
import { createSavepoints } from './savepoints.ts'
import type { Entry, Job } from './savepoints.ts'

const BUSY_RETRY_MS = 25
const BUSY_GIVE_UP_MS = 2_000
/** More than this in one commit would keep the event loop from everybody else. */
const GROUP_LIMIT = 256

/** What is written once for a group, after its last work. */
export interface Afterwork extends Notes {
  /** Writes what is noted; part of the transaction, and of no savepoint. */
  write: () => void
}

interface Options {
  afterwork?: Afterwork
  /** What is told after the commit. */
  deeds?: Notes
  /** Called after each commit, before anybody is answered; and after one that failed, of which nobody knows what came of it. */
  settled?: () => void
  /** Called after each commit that did not fail, after that, with how many works shared it. */
  committed?: (works: number) => void
}

export interface Writer<Q> {
  write: <T>(work: (tx: Q) => Promise<T>) => Promise<T>
  /** The same for several works, one after the other and in one commit. Resolves to how each of them ended. */
  writeAll: <T>(works: readonly ((tx: Q) => Promise<T>)[], keep: Keep) => Promise<PromiseSettledResult<T>[]>
  /** Resolves when everything queued so far has been committed or refused. */
  idle: () => Promise<void>
  /** Since the start: how often it wrote to the disk, and what that was for. */
  readonly counts: { commits: number, works: number }
}

/**
 * The one way to write. Works that were queued in the same turn of the event loop share one durable commit; each runs in
 * a savepoint of its own, so its failure undoes only itself. A promise resolves after the commit is on the disk.
 * Rejects with what the work threw; DATABASE_BUSY when another process holds the lock for two seconds; DATABASE_FULL; DATABASE_UNCERTAIN.
 */
export function createWriter<Q extends object> (connection: Connection, queries: Q, { afterwork, deeds, settled, committed }: Options = {}): Writer<Q> {
  const notes = [afterwork, deeds].filter((kind) => kind !== undefined)
  const statement = {
    begin: connection.prepare('BEGIN IMMEDIATE'),
    commit: connection.prepare('COMMIT'),
    rollback: connection.prepare('ROLLBACK'),
  }
  const run = createSavepoints(connection, queries, notes)
  const queue: Entry<Q>[] = []
  const counts = { commits: 0, works: 0 }
  let isDraining = false

  function write<T> (work: (tx: Q) => Promise<T>): Promise<T> {
    return enqueue([work], 'each')[0] as Promise<T>
  }

  function enqueue<T> (works: readonly ((tx: Q) => Promise<T>)[], keep: Keep): Promise<T>[] {
    const jobs: Job<Q>[] = []
    const ends = works.map((work) => new Promise<T>((resolve, reject) => {
      jobs.push({ work, resolve: resolve as (value: unknown) => void, reject: (error) => reject(translated(error)) })
    }))
    queue.push({ jobs, keep })
    if (!isDraining) {
      isDraining = true
      void nextTurn().then(drain)
    }
    return ends
  }

  /** The next entries, as many as go into one commit; at least one, however large. */
  function nextGroup (): Entry<Q>[] {
    let count = 0
    const end = queue.findIndex(({ jobs }, i) => (count += jobs.length) > GROUP_LIMIT && i > 0)
    return queue.splice(0, end < 0 ? queue.length : end)
  }

  async function drain (): Promise<void> {
    while (queue.length > 0) {
      try {
        await begin()
        await commit(nextGroup())
      } catch (error) {
        for (const job of queue.splice(0).flatMap(({ jobs }) => jobs)) job.reject(error)
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
        if (connection.inTransaction) statement.rollback.run()
        statement.begin.run()
        return
      } catch (error) {
        if (!isBusy(error) || performance.now() > giveUp) throw error
        await sleep(BUSY_RETRY_MS)
      }
    }
  }

  async function commit (group: Entry<Q>[]): Promise<void> {
    const answers: (() => void)[] = []
    try {
      for (const entry of group) answers.push(...await run(entry))
      afterwork?.write()
      statement.commit.run()
      counts.commits++
      counts.works += answers.length
      settled?.()
      committed?.(answers.length)
    } catch (error) {
      for (const kind of notes) kind.undo(0)
      for (const job of group.flatMap(({ jobs }) => jobs)) job.reject(error)
      settled?.()
      // Should it fail, the next group tries again before it begins.
      if (connection.inTransaction) statement.rollback.run()
      return
    }
    for (const answer of answers) answer()
  }

  return {
    write,
    counts,
    async writeAll (works, keep) {
      return works.length === 0 ? [] : await Promise.allSettled(enqueue(works, keep))
    },
    async idle () { while (isDraining) await nextTurn() },
  }
}

function isBusy (error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')
}
