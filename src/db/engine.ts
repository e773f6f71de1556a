import type { SQL } from './drizzle.ts'
import type { Deeds } from './deeds.ts'
import type { Dialect } from './dialect.ts'
import type { Condition } from './directory/conditions.ts'
import type { Memory } from './sqlite/memory.ts'
import type { ProfileField } from './profile-fields.ts'
import type { SearchState } from './sqlite/search/state.ts'
import type { Source } from './search/texts.ts'

// What an engine brings along for the nouns, which are the same over all of them.

type Awaitable<T> = T | Promise<T>

/** A row whose owner is gone. */
export interface Stray { table: string, rowid: number }

/** What only the engine can say of what it keeps. */
export interface OwnChecks {
  /** What it says against its files, and of that what is only about the search index. */
  ofEngine: () => Promise<{ file: string[], index: string[] }>
  strays: () => Promise<Stray[]>
  removeStray: (stray: Stray) => Promise<void>
  /** What it keeps as the number of people, where that is not how many there are. */
  miscount: () => Promise<{ kept: number, counted: number } | undefined>
  recount: () => Promise<void>
}

/** Ids are never given twice; the engine notes how far it has come. */
export interface Numbers {
  /** The highest id that each table has given so far. */
  highest: () => Promise<Record<string, number>>
  /** Has each table count on from there: the number of somebody who is gone is never given again. */
  countFrom: (highest: Record<string, number>) => Promise<void>
}

/** What is told to the search index of accounts that are made, changed or removed; part of the transaction. */
export interface Renewal {
  /** What can be searched of an account, as it stands: to be looked at before it is changed. */
  look: (userId: number) => Awaitable<Source | undefined>
  /** Of an account that a work has made, changed or removed. */
  note: (before: Source | undefined, after: Source | undefined) => Awaitable<void>
}

/** The search index as those see it who look after it; searching is in `directory/`. */
export interface SearchIndex {
  /** What is wrong with the index as a whole, as far as the engine does not say so. */
  damage: () => Promise<string[]>
  /** Whether the index has what the accounts say that it should have by now, and nothing else. When not, `differing` and `strays` say of whom. */
  isInStep: () => Promise<boolean>
  /** Reads so many accounts. Resolves to those that are found by something else than what they say, if the index is to be asked, and the last one looked at. Those that are not in it yet are found all the same. */
  differing: (from: number, most: number, asks: boolean) => Promise<{ ids: number[], looked: number, last: number | undefined }>
  /** Those that are in the index and nowhere else. */
  strays: (from: number, most: number) => Promise<number[]>
  /** Up to which account everybody is in the index, of how many ids; whether it is given up, and whether it keeps what was removed. */
  state: () => Promise<SearchState & { lastId: number, isWhole: boolean, isGivenUp: boolean }>
  makeAnew: () => Promise<void>
  /** Puts so many accounts into the index, with the commit of this work. */
  move: (most: number) => Promise<void>
  /** Puts an account into the index anew, or takes out one that is gone, with the commit of this work. */
  renew: (userId: number) => Promise<void>
  /** Goes a step further in taking what was removed out of the file, with the commit of this work. */
  compact: () => Promise<void>
  /** Removes a part of an index that was given up. Resolves to whether there may be more. */
  sweep: () => Promise<boolean>
}

/** What statements that change and read rows one by one need beside the database. */
export interface Engine {
  dialect: Dialect
  renewal: Renewal
  memory: Pick<Memory, 'of'>
  deeds: Pick<Deeds, 'note'>
  /** The declared fields, in the order in which they were declared: the very same list until something about them changes. */
  declared: () => readonly ProfileField[]
  search: () => SearchIndex
  checks: OwnChecks
  /** Whether it is noted which pictures come and go: where the store of pictures `isTracked`. */
  tracksPictures: boolean
  numbers: Numbers
}

/** Runs several queries on one moment: whatever is committed meanwhile, all of them see the same. */
export type AtOnce = <A>(work: () => Promise<A>) => Promise<A>

/** What questions that may read every account need beside the database. */
export interface Reading {
  dialect: Dialect
  atOnce: AtOnce
  /** What the search index says of whom these conditions may be true of, so that not everybody is read; undefined when it cannot tell. */
  indexed: (where: readonly Condition[]) => Awaitable<SQL | undefined>
  /** Whether an error says that the index cannot be read: then everybody is. */
  isDamage: (error: unknown) => boolean
  /** Up to how many people who are asked for are gathered first and put in order then, where the engine would rather walk the whole order to find them. */
  few?: number
}
