import { join } from 'node:path'
import type { Service } from '../app.ts'
import { isFull } from '../disk.ts'
import type { Carried, List, ListRow, Queries } from '../db/index.ts'
import { pathOf } from '../images/formats.ts'
import { diskIn } from '../images/store/disk.ts'
import { isStorable } from '../texts/storable.ts'
import { plainFile, readLines, TransferError, wholly } from './folder.ts'
import { FORMAT, linesOf, LISTS, LOG, MANIFEST, PEOPLE, picturesOf } from './format.ts'
import type { Manifest } from './format.ts'

/** Rows in one commit. */
const BATCH = 100
/** Pictures, each of which waits for the disk most of its time. */
const AT_ONCE = 4
const MANIFEST_MAX_BYTES = 1_024 ** 2

interface Target {
  /** The data folder, new or empty. */
  dataDir: string
  /** Opens a data folder, and makes it. */
  open: (dataDir: string) => Promise<Service>
  onPerson?: (count: number) => void
}

async function manifestOf (folder: string): Promise<Manifest> {
  const bytes = await plainFile(join(folder, MANIFEST), MANIFEST_MAX_BYTES).catch((error: unknown) => {
    throw new TransferError(`${folder} is no export: it holds no ${MANIFEST}`, { cause: error })
  })
  let manifest: Manifest | undefined
  try {
    manifest = JSON.parse(String(bytes)) as Manifest
    if (manifest.format > FORMAT) throw new TransferError(`the export was written by version ${manifest.version}, and this program cannot read it: install that version`)
    const numbers = [...Object.values(manifest.counts), ...Object.values(manifest.highest)]
    if (manifest.format === FORMAT && Array.isArray(manifest.left) && numbers.every((number) => Number.isSafeInteger(number) && number >= 0)) return manifest
  } catch (error) {
    if (error instanceof TransferError) throw error
  }
  throw new TransferError(`${join(folder, MANIFEST)} is not what an export writes`)
}

/** Makes a data folder of an export: all of it, or what was there stays as it was. Throws a TransferError. */
export async function importFrom (folder: string, { dataDir, open, onPerson }: Target): Promise<Manifest> {
  const manifest = await manifestOf(folder)
  await wholly(dataDir, async (draft) => {
    const core = await open(draft)
    try {
      const counts = await fill(core, folder, draft, onPerson)
      for (const [name, count] of Object.entries(counts)) if (count !== manifest.counts[name]) throw new TransferError(`${linesOf(name)} has ${count} rows, and ${manifest.counts[name]} were exported`)
      await core.db.write((tx) => tx.carried.countFrom(manifest.highest))
    } finally {
      await core.close()
    }
  })
  return manifest
}

/** A database, and where it lies. */
interface Place { db: Service['db'], folder: string }

/** Resolves to how many rows each file had. */
async function fill ({ db, images }: Service, folder: string, draft: string, onPerson?: (count: number) => void): Promise<Record<string, number>> {
  const place = { db, folder: draft }
  // What every database begins with.
  await db.write(async (tx) => { for (const { id } of await tx.profileFields.list()) await tx.profileFields.remove(id) })
  const counts: Record<string, number> = {}
  async function addList (name: List): Promise<void> {
    counts[name] = await inBatches(readLines(join(folder, linesOf(name))), (rows) => written(place, rows, async (tx, row) => await tx.carried.add(name, row as ListRow)))
  }
  for (const name of LISTS) await addList(name)
  let told = 0
  const pictures = diskIn(folder)
  async function bring (people: readonly Carried[]): Promise<void> {
    const left = people.flatMap((person) => picturesOf(person).map((picture) => [person.id, picture] as const)).values()
    const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, async () => {
      for (const [id, picture] of left) {
        const size = await images.bring(pictures, picture)
        if (size !== undefined) throw new TransferError(`media/${pathOf({ ...picture, size })} of account ${id} is missing, or is not what was exported`)
      }
    }))
    const failed = ended.find(({ status }) => status === 'rejected')
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason
  }
  counts[PEOPLE] = await inBatches(readLines(join(folder, linesOf(PEOPLE))), async (rows) => {
    // A row points to its pictures, so they are durable first.
    await bring(rows.map((row) => row as Carried))
    await written(place, rows, addPerson)
    onPerson?.(told += rows.length)
  })
  await addList(LOG)
  return counts
}

async function addPerson (tx: Queries, row: { id: unknown }): Promise<void> {
  const { groups, tags, avatars, pictures, tokens, ...user } = row as Carried
  await tx.users.insert(user)
  await tx.carried.addOwned({ ...user, groups, tags, avatars, pictures, tokens })
}

/** In one commit; what the database says of a row is told with the row. */
async function written ({ db, folder }: Place, rows: readonly { id: unknown }[], add: (tx: Queries, row: { id: unknown }) => Promise<void>): Promise<void> {
  await db.write(async (tx) => {
    for (const row of rows) {
      const fault = unstorable(row)
      if (fault !== undefined) throw new TransferError(`the row with the id ${String(row.id)} does not fit: its ${fault} holds U+0000 or half a character`)
      try {
        await add(tx, row)
      } catch (error) {
        if (isFull(folder, error)) throw error
        throw new TransferError(`the row with the id ${String(row.id)} does not fit: ${(error as Error).message}`, { cause: error })
      }
    }
  })
}

/** What of a row holds a text that cannot be stored, however deep in it. */
const unstorable = (row: object): string | undefined => Object.entries(row).find(([name, value]) => !isStorable(name) || holdsUnstorable(value))?.[0]
const holdsUnstorable = (value: unknown): boolean =>
  typeof value === 'string' ? !isStorable(value) : typeof value === 'object' && value !== null && unstorable(value) !== undefined

/** Resolves to how many rows there were. */
async function inBatches<R> (rows: AsyncIterable<R>, work: (batch: R[]) => Promise<void>): Promise<number> {
  let batch: R[] = []
  let count = 0
  for await (const row of rows) {
    count++
    batch.push(row)
    if (batch.length < BATCH) continue
    await work(batch)
    batch = []
  }
  if (batch.length > 0) await work(batch)
  return count
}
