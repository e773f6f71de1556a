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
  return await sumsOf(from, { step: 'rows', onProgress }, async (table, rows) => {
    try {
      await to.add(table, rows)
    } catch (error) {
      if (error instanceof FolderError || !/CONSTRAINT|^23/.test(String((error as { code?: unknown }).code))) throw error
      throw new FolderError('MOVE_REFUSED', `a row of ${table.name} does not fit (${(error as Error).message}): run fsck --repair first`, { cause: error })
    }
  })
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
      await each(table, rows)
      for (const row of rows) hash.update(`${JSON.stringify(row)}\n`)
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
