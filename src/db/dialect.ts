import type { Placeholder, SQL, SQLiteColumn, SQLiteTable } from './drizzle.ts'
import type { SearchText } from './search/texts.ts'

type Term = SQL | Placeholder | SQLiteColumn | string

/** The wordings in which engines differ; everything else that the nouns say, all of them understand. Fixed when a statement is prepared. */
export interface Dialect {
  /** A text that is given, with the letters A–Z small and all others as they are; of a column every engine's own `lower` does that. */
  lower: (given: Term | null) => SQL
  /** Selects `value` from a list of numbers that is given as one parameter, in JSON. */
  numbers: (list: Term) => SQL
  /** Whether a number is among these. */
  isAmong: (column: SQLiteColumn, numbers: readonly number[]) => SQL
  /** The same as `numbers`, of texts. */
  texts: (list: Term) => SQL
  /** Rows of these values in an order, as the text of a JSON array of arrays. */
  arrays: (values: SQL, order: SQL) => SQL
  /** The text that a JSON object has under this key; null where it has none. */
  textUnder: (object: SQLiteColumn, key: Term) => SQL
  /** Whether a JSON object has under this key a value of one of these types. */
  hasUnder: (object: SQLiteColumn, key: string, types: 'text' | 'integer' | 'boolean') => SQL
  /** A value as `textUnder` would have it. */
  asUnder: (value: string | number | boolean | null) => SQL
  /** Whether a text that people are found by contains this, which is folded; undefined where all of them have to be looked at. */
  contains: (field: SearchText, folded: string) => SQL | undefined
  /** A text that people are found by as it is kept folded, with `searched`; undefined where it is folded when it is asked for. */
  keptFolded: (field: SearchText) => SQL | undefined
  /** What has to be joined to the accounts for both. */
  searched?: SQLiteTable & { userId: SQLiteColumn }
  /** Behind a selection of rows that are to be changed: those that somebody else is changing are passed over. */
  passingOver: SQL
  /** Selects `key` and `value` of what is no flag in a JSON object. */
  words: (object: SQLiteColumn) => SQL
  /** How many people there are without the hidden ones, without reading them. */
  headCount: SQL
}
