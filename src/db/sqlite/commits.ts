import type { Database as Connection } from 'better-sqlite3'

export interface Commits {
  /** A number that changes with every commit of another connection, whichever process has it. */
  version: () => number
  /** Tells that there was one just now. */
  told: () => void
}

/**
 * Asks SQLite once for all that runs without a pause, which is about once a request: asking costs as much as reading half a
 * row. Whatever came later is seen by whoever comes later; what this process commits on the way has to be told.
 */
export function watchCommits (connection: Connection): Commits {
  const ask = connection.prepare<[], number>('pragma data_version').pluck()
  let version: number | undefined

  return {
    version () {
      if (version !== undefined) return version
      process.nextTick(() => { version = undefined })
      return version = ask.get() as number
    },
    told () { version = undefined },
  }
}
