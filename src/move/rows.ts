import { createHash } from 'node:crypto'
import { FolderError, tables } from '../db/index.ts'
import type { Bare, Row, Table } from '../db/index.ts'
import type { OnProgress, Progress } from './progress.ts'

/** What the rows of a table come to, in the order of their keys. */
interface Sum { rows: number, sha256: string }
export type Sums = ReadonlyMap<string, Sum>

/** The rows of the whole service. */
async function countRows (bare: Bare): Promise<number> {
  let count = 0
  for (const table of tables) count += await bare.count(table)
  return count
}

/** Fills a database that is held with all that another one has, and notes what that came to. */
export async function copyRows (from: Bare, to: Bare, onProgress: OnProgress): Promise<Sums> {
  await to.clear(tables)
  const sums = await sumsOf(from, { step: 'rows', onProgress }, (table, rows) => to.add(table, rows).catch(refused(`a row of ${table.name} does not fit`)))
  await to.filled().catch(refused('rows do not fit each other'))
  return sums
}

const refused = (says: string) => (error: Error & { code?: unknown }): never => {
  if (error instanceof FolderError || !/CONSTRAINT|^23/.test(String(error.code))) throw error
  throw new FolderError('MOVE_REFUSED', `${says} (${error.message}): run fsck --repair first`, { cause: error })
}

/** Reads all that a database has. */
export const readSums = (bare: Bare, onProgress: OnProgress): Promise<Sums> => sumsOf(bare, { step: 'proof', onProgress }, async () => {})

interface Telling { step: Progress['step'], onProgress: OnProgress }

async function sumsOf (bare: Bare, { step, onProgress }: Telling, each: (table: Table, rows: Row[]) => Promise<void>): Promise<Sums> {
  const sums = new Map<string, Sum>()
  const of = await countRows(bare)
  let done = 0
  for (const table of tables) {
    const hash = createHash('sha256')
    let count = 0
    for await (const rows of bare.rows(table)) {
      // The other database has its own processor for that.
      const taken = each(table, rows)
      hash.update(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
      await taken
      count += rows.length
      onProgress({ step, done: done += rows.length, of })
    }
    sums.set(table.name, { rows: count, sha256: hash.digest('hex') })
  }
  return sums
}

/** The tables in which two databases differ. */
export const differing = (one: Sums, other: Sums): string[] =>
  [...one].filter(([table, { rows, sha256 }]) => other.get(table)?.rows !== rows || other.get(table)?.sha256 !== sha256).map(([table]) => table)
