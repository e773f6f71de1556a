import { peopleQueries } from './directory.ts'
import type { BetterSQLite3Database } from './drizzle.ts'
import { groupLists } from './group-lists.ts'

/** The queries that may read every account. They run on the reader threads. */
export function questionsTo (db: BetterSQLite3Database) {
  const { page, membersOf } = groupLists(db)
  return { find: peopleQueries(db), listGroups: page, countMembers: membersOf }
}

export type Questions = ReturnType<typeof questionsTo>

/** A query by name, with its arguments. */
export type Question = { [Q in keyof Questions]: { ask: Q, about: Parameters<Questions[Q]> } }[keyof Questions]
export type Answer = ReturnType<Questions[keyof Questions]>

/** The result or the error. An Error would lose its `code` on the way from thread to thread, so both parts are sent by hand. */
export type Reply = { answer: Answer } | { error: { message: string, code?: string } }
