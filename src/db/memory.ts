import type { Database as Connection } from 'better-sqlite3'
import type { Commits } from './commits.ts'

/** How much a connection remembers in all. A person takes about three kilobytes. */
const MAX_BYTES = 32 * 1_024 * 1_024
/** What a value takes beside its text. */
const VALUE_BYTES = 24

/** Remembers the answers to a question by what was asked for. Nothing found is asked for anew. */
export type Memory = <K extends string | number, T>(ask: (key: K) => T) => (key: K) => T

/**
 * What a connection has read, until anything is committed, by whichever process: people are read far more often than anything
 * changes. A transaction sees more than what is committed, so within one everything is asked for anew. What is remembered is
 * frozen, because all who ask get the same.
 */
export function createMemory (connection: Connection, commits: Commits): Memory {
  const books: Map<unknown, unknown>[] = []
  let bytes = 0
  let version: number | undefined

  function forget (): void {
    for (const book of books) book.clear()
    bytes = 0
    version = commits.version()
  }

  return <K extends string | number, T>(ask: (key: K) => T) => {
    const book = new Map<K, T>()
    books.push(book)
    return (key: K): T => {
      if (connection.inTransaction) return ask(key)
      if (commits.version() !== version) forget()
      const known = book.get(key)
      if (known !== undefined) return known
      const answer = ask(key)
      if (answer === undefined) return answer
      bytes += freeze(answer)
      if (bytes > MAX_BYTES) forget()
      book.set(key, answer)
      return answer
    }
  }
}

/** Freezes all of a value; returns about how many bytes it takes. */
function freeze (value: unknown): number {
  if (typeof value === 'string') return VALUE_BYTES + 2 * value.length
  if (typeof value !== 'object' || value === null) return VALUE_BYTES
  let bytes = VALUE_BYTES
  for (const part of Object.values(Object.freeze(value))) bytes += freeze(part)
  return bytes
}
