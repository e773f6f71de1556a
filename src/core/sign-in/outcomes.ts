import { AppError } from '../errors.ts'

export type Way = 'password' | 'code' | 'ticket' | 'confirming'

/** How attempts to sign in have ended, by way: `succeeded`, or a code of ours, and never anything that was typed. */
export function createOutcomes () {
  const counts: Record<Way, Record<string, number>> = { password: {}, code: {}, ticket: {}, confirming: {} }

  return {
    counts,

    /** The same attempt, counted. */
    async of<T> (way: Way, attempt: Promise<T>): Promise<T> {
      const note = (end: string) => { counts[way][end] = (counts[way][end] ?? 0) + 1 }
      try {
        const value = await attempt
        note('succeeded')
        return value
      } catch (error) {
        note(error instanceof AppError ? error.fields[0]?.code ?? error.code : 'failed')
        throw error
      }
    },
  }
}
