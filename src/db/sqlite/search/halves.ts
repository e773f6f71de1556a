import type { Database as Connection, Statement } from 'better-sqlite3'

/**
 * The index is two FTS5 tables, its halves. New texts go into the open one; the closed one only loses texts, which is why
 * a compaction of it comes to an end while people go on editing. Then the halves change places.
 */
export const HALVES = ['search_1', 'search_2'] as const
export type Half = (typeof HALVES)[number]

/** Pages of 4 KiB that one merge writes, about: some milliseconds. */
const MERGED_AT_ONCE = 64
/** Each as it was when its table was given up; emptied and dropped bit by bit. */
const DISCARDED = 'discarded_'
const DISCARDED_AT_ONCE = 128

/** The statements of one half, prepared when they are first needed: it may be missing or damaged, and the service starts all the same. */
function halfOf (connection: Connection, half: Half) {
  const changes = connection.prepare('select total_changes()').pluck()
  function lazily (text: string) {
    let statement: Statement | undefined
    return (...values: unknown[]) => (statement ??= connection.prepare(text)).run(...values)
  }
  const rewrite = lazily(`insert into ${half} (${half}, rank) values ('merge', -${MERGED_AT_ONCE})`)

  return {
    add: lazily(`insert into ${half} (rowid, text) values (?, ?)`),
    remove: lazily(`delete from ${half} where rowid = ?`),
    /** Merges what many commits have left, a bit at a time, so that the engine never has to do much of it at once. */
    merge: lazily(`insert into ${half} (${half}, rank) values ('merge', ${MERGED_AT_ONCE})`),
    /** Goes on with writing all segments into one, without what was removed. Returns whether there was anything to do. */
    rewrite (): boolean {
      const before = changes.get() as number
      rewrite()
      // The command itself counts as one.
      return changes.get() as number - before > 1
    },
    /** The segments that the half consists of. A text is in the file for as long as the segment is there into which it was written. */
    segments: (): number[] => connection.prepare(`select distinct segid from ${half}_idx`).pluck().all() as number[],
  }
}

export type HalfStatements = ReturnType<typeof halfOf>

export const halvesOf = (connection: Connection): [HalfStatements, HalfStatements] => [halfOf(connection, HALVES[0]), halfOf(connection, HALVES[1])]

/** Makes both halves, without a text. Part of a transaction, as everything here. */
export function createHalves (connection: Connection): void {
  for (const half of HALVES) {
    connection.exec(`create virtual table ${half} using fts5(text, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1');
      insert into ${half} (${half}, rank) values ('automerge', 0), ('crisismerge', 1000)`)
  }
}

/**
 * Gives up an FTS5 table, whatever state it is in: to the engine its parts are tables like others from then on, with
 * names that say so. Dropping it would take as long as it is large, and cannot be done when it is damaged.
 */
export function discard (connection: Connection, table: string): void {
  connection.unsafeMode(true)
  try {
    connection.pragma('writable_schema = on')
    connection.prepare("delete from sqlite_master where name = ? and sql like 'create virtual table %'").run(table)
  } finally {
    // Reads the schema anew as well.
    connection.pragma('writable_schema = reset')
    connection.unsafeMode(false)
  }
  const parts = connection.prepare("select name, rootpage from sqlite_master where type = 'table' and name in (?, ?, ?, ?, ?)").all(...['data', 'idx', 'content', 'docsize', 'config'].map((part) => `${table}_${part}`)) as { name: string, rootpage: number }[]
  for (const { name, rootpage } of parts) connection.exec(`alter table "${name}" rename to "${DISCARDED}${rootpage}"`)
}

/** Removes some of what was discarded. Returns whether there may be more. */
export function sweepDiscarded (connection: Connection): boolean {
  const table = connection.prepare("select name from sqlite_master where type = 'table' and name glob ? limit 1").pluck().get(`${DISCARDED}*`) as string | undefined
  if (table === undefined) return false
  if (connection.prepare(`delete from "${table}" limit ${DISCARDED_AT_ONCE}`).run().changes === 0) connection.exec(`drop table "${table}"`)
  return true
}
