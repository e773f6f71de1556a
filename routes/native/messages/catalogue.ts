import type { ErrorCode, FieldErrorCode, Params } from '../../../src/core/errors.ts'

type Say = (params: Params) => string

/** What goes wrong, in one language. */
export interface Catalogue {
  /** The kind of problem, in a few words. */
  titles: Record<ErrorCode, string>
  /** This one. */
  details: Record<ErrorCode, Say>
  /** What is wrong with one value. */
  fields: Record<FieldErrorCode, Say>
}
