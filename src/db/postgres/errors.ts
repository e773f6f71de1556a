import { DatabaseError } from '../errors.ts'
import type { DatabaseErrorCode } from '../errors.ts'

/** PostgreSQL's words (appendix A of its manual) and Node's, by what they begin with: of a statement that was not a commit, nothing was written. */
const CODES: [string, DatabaseErrorCode][] = [
  ['53100', 'DATABASE_FULL'], ['53', 'DATABASE_BUSY'], ['57P', 'DATABASE_BUSY'], ['57014', 'DATABASE_BUSY'], ['55P03', 'DATABASE_BUSY'], ['25P03', 'DATABASE_BUSY'],
  ['08', 'DATABASE_BUSY'], ['40001', 'DATABASE_BUSY'], ['40P01', 'DATABASE_BUSY'], ['ECONN', 'DATABASE_BUSY'], ['EPIPE', 'DATABASE_BUSY'], ['ETIMEDOUT', 'DATABASE_BUSY'], ['ENOENT', 'DATABASE_BUSY'], ['EAI_AGAIN', 'DATABASE_BUSY'],
]
/** The driver has no codes for these. */
const LOST = /^(Connection terminated|Client was closed|timeout exceeded when trying to connect|Client has encountered a connection error)/

/** The error of the driver, from under whatever drizzle has put around it. */
export function causeOf (error: unknown): Error & { code?: string } {
  const { cause } = error as { cause?: unknown }
  return cause instanceof Error && (error as Error).message.startsWith('Failed') ? causeOf(cause) : error as Error & { code?: string }
}

export function translated (error: unknown): unknown {
  if (error instanceof DatabaseError) return error
  const cause = causeOf(error)
  const code = cause.code ?? ''
  const known = CODES.find(([start]) => code.startsWith(start))?.[1] ?? (LOST.test(cause.message) ? 'DATABASE_BUSY' : undefined)
  return known === undefined ? cause : new DatabaseError(known, cause)
}

/** Two works got into each other's way, or one gave what the other had just given: the next try sees what the other did. */
export const isCollision = (error: unknown): boolean => ['40001', '40P01', '23505'].includes(String(causeOf(error).code))

/** The connection went while it was to commit: nobody knows. */
export const isLoss = (error: unknown): boolean => LOST.test(causeOf(error).message) || /^(08|57P|ECONN|EPIPE)/.test(String(causeOf(error).code))
