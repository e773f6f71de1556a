import type { Database as Connection } from 'better-sqlite3'

export interface Commits {
  /** A number that changes with every commit of another connection, whichever process has it. */
  version: () => number
  /** Tells that there was one in this turn of the event loop. */
  told: () => void
}

/**
 * Asks SQLite once a turn of the event loop, because asking costs as much as reading half a row. Whatever this process commits
 * has to be told, so that the rest of the turn sees it.
 */
export function watchCommits (connection: Connection): Commits {
  const ask = connection.prepare<[], number>('pragma data_version').pluck()
  let version: number | undefined

  return {
    version () {
      if (version !== undefined) return version
      setImmediate(() => { version = undefined })
      return version = ask.get() as number
    },
    told () { version = undefined },
  }
}
