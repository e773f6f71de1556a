import type { Database as Connection } from 'better-sqlite3'
import type { Book } from './memory.ts'

/** Rows of a book by their keys; `null`: all of them. */
export type Touched = ReadonlyMap<Book, ReadonlySet<string | number> | null>

type Watch = readonly [on: string, key: string]
const rows = (table: string, key: string): Watch[] => [[`update on ${table}`, `old.${key}`], [`delete on ${table}`, `old.${key}`]]
const links = (table: string): Watch[] => [[`insert on ${table}`, 'new.user_id'], ...rows(table, 'user_id')]

/** What changes an answer that is remembered in a book, and under which key. A row that is new changes none: nothing found is not remembered. */
const WATCHED: Record<Book, readonly Watch[]> = {
  people: [...rows('users', 'id'), ...links('memberships'), ...links('taggings'), ...['groups', 'tags'].flatMap((table): Watch[] => [[`update on ${table}`, 'null'], [`delete on ${table}`, 'null']])],
  keys: rows('keys', 'id'),
  hashes: rows('keys', 'hash'),
  sessions: rows('sessions', 'id'),
  owners: [...rows('avatars', 'name'), ['update of cover, visibility, deleted_at on users', 'null'], ['delete on users', 'null']],
  pictures: rows('pictures', 'name'),
  codes: links('codes'),
  fields: [['insert on profile_fields', 'null'], ['update on profile_fields', 'null'], ['delete on profile_fields', 'null']],
}

/**
 * Notes which rows this connection changes, whatever the statement and whatever goes with it: SQLite tells by triggers of this
 * connection alone. Returns what was touched since it was asked last; more than that where a work was undone.
 */
export function watchRows (connection: Connection): () => Touched {
  let touched = new Map<Book, Set<string | number> | null>()

  connection.function('touched', (book: unknown, key: unknown) => {
    const keys = touched.get(book as Book)
    if (key === null) touched.set(book as Book, null)
    else if (keys === undefined) touched.set(book as Book, new Set([key as string | number]))
    else keys?.add(key as string | number)
    return null
  })
  for (const [book, watches] of Object.entries(WATCHED)) {
    for (const [i, [on, key]] of watches.entries()) connection.exec(`create temp trigger ${book}_${i} after ${on} begin select touched('${book}', ${key}); end`)
  }

  return () => {
    const told = touched
    touched = new Map()
    return told
  }
}
