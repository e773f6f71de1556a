import type { Database, Queries } from '../../db/index.ts'

/** Ends a work that must leave nothing. */
class TakenBack<T> extends Error {
  readonly result: T
  constructor (result: T) {
    super('taken back')
    this.result = result
  }
}

/** The database's `write`, or when it is dry the same without anything that stays. */
export const writer = (db: Database, isDry: boolean) => <T>(work: (tx: Queries) => Promise<T>): Promise<T> => isDry ? rehearse(db, work) : db.write(work)

/** Runs `work` as `write` does, with all that it finds and throws, and takes back what it has written. */
export async function rehearse<T> (db: Database, work: (tx: Queries) => Promise<T>): Promise<T> {
  try {
    return await db.write(async (tx) => { throw new TakenBack(await work(tx)) })
  } catch (error) {
    if (error instanceof TakenBack) return error.result as T
    throw error
  }
}
