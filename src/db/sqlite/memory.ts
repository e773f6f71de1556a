import type { Database as Connection } from 'better-sqlite3'
import type { Commits } from './commits.ts'
import type { Touched } from './touched.ts'

/** How much a connection remembers in all. A person takes about three kilobytes. */
const MAX_BYTES = 32 * 1_024 * 1_024
/** What a value takes beside its text. */
const VALUE_BYTES = 24

/** What is remembered, by what it is asked for by. */
export type Book = 'people' | 'keys' | 'hashes' | 'sessions' | 'owners' | 'pictures' | 'codes' | 'fields'

export interface Memory {
  /** Remembers the answers to a question by what was asked for, and tells them at once. Nothing found is asked for anew. */
  of: <K extends string | number, A>(book: Book, ask: (key: K) => A) => (key: K) => A | Awaited<A>
  /** Forgets what a commit of this process has changed. */
  forget: (touched: Touched) => void
}

interface Entry { answer: unknown, bytes: number }

/**
 * What a connection has read, until it changes: this process tells what it has changed itself, and when another process has
 * committed, all of it is forgotten. A transaction sees more than what is committed, so within one everything is asked for
 * anew. What is remembered is frozen, because all who ask get the same.
 */
export function createMemory (connection: Connection, commits: Commits): Memory {
  const books = new Map<Book, Map<string | number, Entry>>()
  let bytes = 0
  let version: number | undefined
  /** How often something was forgotten: what was asked for before may be old when it is answered. */
  let forgotten = 0

  function drop (book: Map<string | number, Entry>, keys: Iterable<string | number>): void {
    for (const key of keys) {
      bytes -= book.get(key)?.bytes ?? 0
      book.delete(key)
    }
  }

  /** Drops the oldest answers, of this book first. */
  function makeRoom (book: Map<string | number, Entry>): void {
    for (const one of [book, ...books.values()]) for (const oldest of one.keys()) {
      if (bytes <= MAX_BYTES) return
      drop(one, [oldest])
    }
  }

  function keep<T> (book: Map<string | number, Entry>, key: string | number, answer: T): T {
    if (answer === undefined) return answer
    drop(book, [key])
    const entry = { answer, bytes: freeze(answer) }
    bytes += entry.bytes
    if (bytes > MAX_BYTES) makeRoom(book)
    book.set(key, entry)
    return answer
  }

  async function keepLater<T> (book: Map<string | number, Entry>, key: string | number, asked: Promise<T>): Promise<T> {
    const before = forgotten
    const answer = await asked
    return before === forgotten ? keep(book, key, answer) : answer
  }

  return {
    of<K extends string | number, A> (name: Book, ask: (key: K) => A) {
      const book = new Map<string | number, Entry>()
      books.set(name, book)
      return (key: K): A | Awaited<A> => {
        if (connection.inTransaction) return ask(key)
        const current = commits.version()
        if (current !== version) {
          for (const one of books.values()) drop(one, one.keys())
          version = current
          forgotten++
        }
        const known = book.get(key)
        if (known !== undefined) return known.answer as Awaited<A>
        const answer = ask(key)
        return answer instanceof Promise ? keepLater(book, key, answer) as A : keep(book, key, answer)
      }
    },

    forget (touched) {
      forgotten++
      for (const [name, keys] of touched) {
        const book = books.get(name)
        if (book !== undefined) drop(book, keys ?? book.keys())
      }
    },
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
