import type { Deeds } from './deeds.ts'
import type { Seen } from './presence.ts'
import type { Processes } from './processes.ts'
import type { Queries } from './queries.ts'
import type { Questions } from './questions.ts'
import type { Uses } from './uses.ts'
import type { Keep } from './works.ts'

export type { Queries } from './queries.ts'

/**
 * What the service keeps, whichever engine has it. `test/db/conformance.test.ts` holds each engine to this:
 *
 * - Durable: a write resolves when it has outlived a power cut. A reader sees all of a work or nothing, and none of it before.
 * - One after the other: works see each other as if there were one writer. Of two that race, the later one sees what the earlier
 *   one did. A work that throws takes back what it did, and nothing else.
 * - Repeatable: a work may be run again before it ends, with what it did before taken back. So it touches nothing but its `tx`,
 *   and waits for nothing else; `tx` is of no use when it has ended.
 * - Order: numbers by their value, texts letter by letter by their code points unless folded; `null` stands before everything,
 *   and after it where the order goes down. What is alike follows by id, so that pages neither repeat nor lose a row.
 * - Folding: a search finds texts whatever their case and their accents, in every script; names, addresses and numbers are one
 *   where they differ in the case of A–Z alone, or as `texts/` says. `%`, `_`, `\` and quotes stand for themselves.
 * - Null is a value that equals itself, and no empty text.
 * - Unique: a username, an address, a foreign id and the name of a group are given once, hidden people included. Ids are never
 *   given twice, not even when their row is gone.
 * - What goes wrong has a `code`: DATABASE_BUSY, nothing was written and trying again may help; DATABASE_FULL, nothing was
 *   written and there is no room; DATABASE_UNCERTAIN, nobody knows. Whatever a work throws comes out as it is.
 */
export interface Database {
  /** Queries that see committed data only, and each of them all that was committed when it was asked. */
  read: Queries
  /** Finds people by whatever can be asked of them. This and what follows may take long, and holds up none of the others. */
  find: Questions['find']
  /** The same by places instead of numbers of pages. */
  findPage: Questions['findPage']
  /** How many people an answer of `findPage` is a part of. */
  countPeople: Questions['countPeople']
  /** A page of groups with the number of members of each. */
  listGroups: Questions['listGroups']
  /** The same behind a group. */
  listGroupsBehind: Questions['listGroupsBehind']
  /** How many people are in a group. */
  countMembers: Questions['countMembers']
  /** The log of changes. */
  listChanges: Questions['listChanges']
  /** How many changes there are like that. */
  countChanges: Questions['countChanges']
  /** Runs `work` in a transaction; neighbours may share its commit. Resolves after that commit. */
  write: <T>(work: (tx: Queries) => Promise<T>) => Promise<T>
  /** The same for several works, one after the other and in one commit; `keep` says what stays of them. Resolves to how each of them ended. */
  writeAll: <T>(works: readonly ((tx: Queries) => Promise<T>)[], keep: Keep) => Promise<PromiseSettledResult<T>[]>
  /** Notes when each was here, or used, unless something later is noted. */
  noteSeen: (kind: Seen, notes: readonly (readonly [id: number, at: number])[]) => Promise<void>
  /** Tells what this process has done to accounts, after each commit. */
  listen: Deeds['listen']
  /** Sees to it that what was deleted lies nowhere any more; when others are reading, the next time. */
  truncateLog: () => Promise<void>
  /** The right to be alone with the folder; undefined while a server is running on it. */
  lock: () => Promise<{ release: () => void | Promise<void> } | undefined>
  /** The copy from before an update, where this opening was one and it took something away. */
  backup: string | undefined
  /** Removes the copies from before updates that are a week old by this time in milliseconds. Resolves to their names. */
  removeOldBackups: (now: number) => Promise<string[]>
  /** Whether it would take what requests write. Each resolves to what is wrong. */
  probes: { database: () => Promise<string | undefined>, migrations: () => Promise<string | undefined> }
  /** Is told of each commit, and how many works shared it. Must not throw. */
  onCommit: (listener: (works: number) => void) => void
  /** The servers that run on it. */
  processes: Processes
  /** What all processes on it count together; undefined where there is only one, which counts by itself. */
  uses: Uses | undefined
  /** How much it does and takes, since the start or now. */
  figures: () => { commits: number, works: number, queriesWaiting: number, bytes: number, logBytes: number }
  /** Fails the queries of `find`: the time for their answers is over. */
  refuse: () => void
  /** Waits for what was begun, but for so many milliseconds at most. */
  close: (patience?: number) => Promise<void>
}
