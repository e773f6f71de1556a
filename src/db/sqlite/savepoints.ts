import type { Database as Connection } from 'better-sqlite3'
import { lend } from '../lend.ts'
import type { Keep, Notes } from '../works.ts'

export interface Job<Q> {
  work: (tx: Q) => Promise<unknown>
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

/** Works that were handed in together. */
export interface Entry<Q> { jobs: Job<Q>[], keep: Keep }

/** Runs the works of an entry, each in a savepoint of its own, and returns how to answer them after the commit; throws when the whole transaction is lost. */
export function createSavepoints<Q extends object> (connection: Connection, queries: Q, notes: readonly Notes[]): (entry: Entry<Q>) => Promise<(() => void)[]> {
  const statement = {
    save: connection.prepare('SAVEPOINT work'),
    keep: connection.prepare('RELEASE work'),
    undo: connection.prepare('ROLLBACK TO work'),
    saveAll: connection.prepare('SAVEPOINT works'),
    keepAll: connection.prepare('RELEASE works'),
    undoAll: connection.prepare('ROLLBACK TO works'),
  }

  async function runAll ({ jobs, keep }: Entry<Q>): Promise<(() => void)[]> {
    const ends: Ended[] = []
    const marks = notes.map((kind) => kind.mark())
    if (keep !== 'each') statement.saveAll.run()
    for (const job of jobs) ends.push(await run(job))
    if (keep !== 'each') {
      if (keep === 'none' || !ends.every(({ isGood }) => isGood)) {
        statement.undoAll.run()
        takeBack(marks)
      }
      statement.keepAll.run()
    }
    return ends.map(({ answer }) => answer)
  }

  /** The notes since there were so many of each kind. */
  function takeBack (marks: readonly number[]): void {
    for (const [i, kind] of notes.entries()) kind.undo(marks[i] as number)
  }

  interface Ended { isGood: boolean, answer: () => void }
  async function run (job: Job<Q>): Promise<Ended> {
    const { tx, revoke } = lend(queries)
    const marks = notes.map((kind) => kind.mark())
    statement.save.run()
    try {
      const value = await withinThisTick(job.work(tx))
      statement.keep.run()
      return { isGood: true, answer: () => job.resolve(value) }
    } catch (error) {
      // SQLITE_FULL and its like end the transaction: what the neighbours wrote is gone as well.
      if (!connection.inTransaction) throw error
      statement.undo.run()
      statement.keep.run()
      takeBack(marks)
      return { isGood: false, answer: () => job.reject(error) }
    } finally {
      revoke()
    }
  }

  return runAll
}

/** Awaiting a query never leaves the microtask queue; a work that waits for anything else would hold up every writer. */
function withinThisTick<T> (work: Promise<T>): Promise<T> {
  return Promise.race([work, new Promise<never>((_resolve, reject) => {
    process.nextTick(() => reject(new Error('a write awaited something other than its transaction')))
  })])
}
