import type { Fact } from './facts.ts'
import type { Moves } from './moves.ts'
import type { Table } from './tables.ts'

/** As it is stored: flags and times are numbers, JSON is text. */
export type Value = string | number | null
export type Row = readonly Value[]

/**
 * A database as bare rows: what a move reads at one end and fills at the other, the same whichever engine has it. It is no
 * `Database`: rows go in as they came out, and no rule is asked.
 */
export interface Bare {
  /** Where it is, as it may be shown: without a password. */
  readonly place: string
  /** What it notes of moves; nothing where there is no database yet. */
  moves: () => Promise<Moves>
  /** Begins to be filled from another place, so that nothing else is begun in it. Throws MOVE_REFUSED where there is something in it, or another move has begun. */
  claim: (from: string) => Promise<void>
  /** From now on nobody else can write, until `commit`, `rollback` or the end of this process; everybody can read. Throws DATABASE_BUSY. */
  hold: () => Promise<void>
  count: (table: Pick<Table, 'name'>) => Promise<number>
  /** All rows in the order of their keys, some at a time. */
  rows: (table: Pick<Table, 'name' | 'columns' | 'key'>) => AsyncIterable<Row[]>
  /** The highest number that each table has given, whether or not its row is still there; of those that have given any. */
  numbers: () => Promise<ReadonlyMap<string, number>>
  facts: (...names: Fact[]) => Promise<Partial<Record<Fact, string>>>

  // What follows is part of what `hold` began.

  /** Removes all rows of these tables, which are in the order in which they are filled. */
  clear: (tables: readonly Table[]) => Promise<void>
  /** Throws MOVE_REFUSED for a row that this engine cannot keep. */
  add: (table: Table, rows: readonly Row[]) => Promise<void>
  /** All rows are there that are to be. Throws as `add` does where they do not fit each other. */
  filled: () => Promise<void>
  /** Has tables count on from there. */
  countFrom: (numbers: ReadonlyMap<string, number>) => Promise<void>
  note: (facts: Partial<Record<Fact, string | null>>) => Promise<void>
  /** Has the engine itself refuse every write, also those of a service that runs here; or take them again. */
  shut: (isShut: boolean) => Promise<void>
  commit: () => Promise<void>
  rollback: () => Promise<void>

  close: () => Promise<void>
}
