import type { Database as Connection } from 'better-sqlite3'
import { eq, sql } from '../../drizzle.ts'
import type { BetterSQLite3Database } from '../../drizzle.ts'
import { users } from '../../schema.ts'
import type { Afterwork } from '../write.ts'
import { halvesOf } from './halves.ts'
import { GIVEN_UP, isDamage, stateOf } from './state.ts'
import { rowOf, SEARCHED, sourcesOf, textsOf } from '../../search/texts.ts'
import type { Source } from '../../search/texts.ts'

/** An account before and after a work; undefined when there is none. */
interface Edit { id: number, before: Source | undefined, after: Source | undefined }
type Note = Edit | { whole: number } | { job: () => void }

/**
 * Everything that is written to the index, once for a group of works, after the last of their savepoints: a savepoint makes
 * FTS5 write out whatever it has gathered. So works only note what they have changed, and what they want done.
 */
export function createRenewal (connection: Connection, db: BetterSQLite3Database) {
  const statement = { save: connection.prepare('SAVEPOINT renewal'), keep: connection.prepare('RELEASE renewal'), undo: connection.prepare('ROLLBACK TO renewal') }
  const state = stateOf(db)
  const halves = halvesOf(connection)
  const one = db.select(sourcesOf(users)).from(users).where(eq(users.id, sql.placeholder('id'))).prepare()
  let notes: Note[] = []

  const half = (number: number) => number === 0 ? halves[0] : halves[1]

  /** Writes what has become of these accounts: only the texts that are not what they were, in the order of their rows. */
  function renew (edits: Edit[]): void {
    const { indexedTo, openHalf, hasLeftovers } = state.read()
    const [gone, come]: [bigint[], [bigint, string][]] = [[], []]
    for (const { id, before, after } of edits.toSorted((a, b) => a.id - b.id)) {
      if (id > indexedTo) continue
      const [was, is] = [textsOf(before), textsOf(after)]
      for (const number of SEARCHED.keys()) {
        if (was[number] === is[number]) continue
        if (was[number] !== '') gone.push(rowOf(id, number))
        if (is[number] !== '') come.push([rowOf(id, number), String(is[number])])
      }
    }
    for (const row of gone) for (const { remove } of halves) remove(row)
    for (const [row, text] of come) half(openHalf).add(row, text)
    if (gone.length > 0 && !hasLeftovers) state.set({ hasLeftovers: true })
  }

  /** Adds all texts of an account, of which there are none yet; part of a job. Returns how long they are. */
  function add (account: Source): number {
    const texts = textsOf(account)
    const { openHalf } = state.read()
    for (const [number, text] of texts.entries()) if (text !== '') half(openHalf).add(rowOf(account.id, number), text)
    return texts.join('').length
  }

  /** Puts an account into the index anew, whatever the index says of it. */
  function renewWhole (id: number): void {
    const { indexedTo } = state.read()
    if (indexedTo === GIVEN_UP) return
    for (const number of SEARCHED.keys()) for (const { remove } of halves) remove(rowOf(id, number))
    const account = id <= indexedTo ? one.get({ id }) : undefined
    if (account !== undefined) add(account)
    state.set({ hasLeftovers: true })
  }

  function write (): void {
    const edits = new Map<number, Edit>()
    for (const note of notes) {
      if (!('id' in note)) continue
      const first = edits.get(note.id)
      edits.set(note.id, first === undefined ? note : { ...first, after: note.after })
    }
    if (edits.size > 0) renew([...edits.values()])
    for (const note of notes) {
      if ('whole' in note) renewWhole(note.whole)
      if ('job' in note) note.job()
    }
    const { openHalf, indexedTo } = state.read()
    if (indexedTo !== GIVEN_UP) half(openHalf).merge()
  }

  const afterwork: Afterwork = {
    mark: () => notes.length,
    undo (mark) { notes.length = mark },
    write () {
      if (notes.length === 0) return
      statement.save.run()
      try {
        write()
      } catch (error) {
        if (!connection.inTransaction || !isDamage(error)) throw error
        // People go on, and are found by looking at everybody; it is made anew in the background.
        statement.undo.run()
        state.set({ indexedTo: GIVEN_UP, passesLeft: 0 })
      }
      statement.keep.run()
      notes = []
    },
  }

  return {
    afterwork,

    /** What can be searched of an account, as it stands: to be looked at before it is changed. */
    look: (userId: number): Source | undefined => one.get({ id: userId }),

    /** Of an account that a work has made, changed or removed. */
    note (before: Source | undefined, after: Source | undefined): void {
      const id = (after ?? before)?.id
      if (id !== undefined) notes.push({ id, before, after })
    },

    /** Makes of an account what it should be in the index. */
    noteWhole (userId: number): void {
      notes.push({ whole: userId })
    },

    /** Does a job on the index with the commit of this work, when what the works have changed is written. */
    later (job: () => void): void {
      notes.push({ job })
    },

    add,
  }
}

export type SearchRenewal = ReturnType<typeof createRenewal>
