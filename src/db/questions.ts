import { changeLists } from './change-lists.ts'
import { peopleQueries } from './directory/index.ts'
import type { Db } from './drizzle.ts'
import type { Reading } from './engine.ts'
import { groupLists } from './group-lists.ts'

/** The queries that may read every account. They run on the reader threads. */
export function questionsTo (db: Db, reading: Reading) {
  const { page, pageBehind, membersOf } = groupLists(db, reading)
  const { list: listChanges, count: countChanges } = changeLists(db, reading.dialect)
  return { ...peopleQueries(db, reading), listGroups: page, listGroupsBehind: pageBehind, countMembers: membersOf, listChanges, countChanges }
}

export type Questions = ReturnType<typeof questionsTo>

/** A query by name, with its arguments. */
export type Question = { [Q in keyof Questions]: { ask: Q, about: Parameters<Questions[Q]> } }[keyof Questions]
export type Answer = Awaited<ReturnType<Questions[keyof Questions]>>

/** The result or the error. An Error would lose its `code` on the way from thread to thread, so both parts are sent by hand. */
export type Reply = { answer: Answer } | { error: { message: string, code?: string } }
