import { peopleQueries } from './directory.ts'
import type { BetterSQLite3Database } from './drizzle.ts'
import { groupLists } from './group-lists.ts'

/** What may take as long as reading every account: it is asked on threads of their own. */
export function questionsTo (db: BetterSQLite3Database) {
  const { page, membersOf } = groupLists(db)
  return { find: peopleQueries(db), listGroups: page, countMembers: membersOf }
}

export type Questions = ReturnType<typeof questionsTo>

/** A question with what it is about. */
export type Question = { [Q in keyof Questions]: { ask: Q, about: Parameters<Questions[Q]> } }[keyof Questions]
export type Answer = ReturnType<Questions[keyof Questions]>

/** The answer, or what went wrong: an error that goes from thread to thread keeps its text and nothing else. */
export type Reply = { answer: Answer } | { error: { message: string, code?: string } }
