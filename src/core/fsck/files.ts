import { isDeepStrictEqual } from 'node:util'
import type { PictureRow } from '../../db/index.ts'
import type { Size } from '../../images/formats.ts'
import type { Listed, PictureFile } from '../../images/store/index.ts'
import { PICTURES } from '../fields/index.ts'
import type { Mending } from './mending.ts'
import { apart, atOnce, PAGE, pages } from './round.ts'
import type { Fault, Round } from './round.ts'

/** Longer than an upload may wait for its row: behind 64 others, ten seconds each. */
const UPLOAD_MS = 15 * 60_000

/** Every file that a record names, read to its end. */
export async function checkPictures (round: Round, mending: Mending): Promise<void> {
  const { checks } = round.db.read
  for await (const rows of pages(checks.pictures, ({ name }) => name, '')) await atOnce(rows, (row) => apart(round, `${row.kind} ${row.name}`, () => checkPicture(round, mending, row)))
}

async function checkPicture (round: Round, mending: Mending, given: PictureRow): Promise<void> {
  const { db, looked, found } = round
  looked.pictures++
  let row: PictureRow | undefined = given
  let faults = await faultsOf(round, row)
  while (faults.length > 0) {
    // Replaced or cut anew meanwhile: what is there now counts.
    const now: PictureRow | undefined = await db.read.pictures.find(row.name)
    if (now === undefined) return
    if (isDeepStrictEqual(now, row)) break
    row = now
    faults = await faultsOf(round, row)
  }
  const judged = row
  const { kind, name, userId } = judged
  const picture = { kind, name, userId }
  const ofMain = faults.find(({ size }) => size === 'main')
  const broken = faults.map(({ size }) => size)
  // Its sizes are made or go with it, so there is nothing to tell of them.
  if (ofMain !== undefined) return await found({ ...ofMain, ...picture }, () => mending.restore(judged, broken))
  let remade: Promise<void> | undefined
  const remake = () => remade ??= mending.remake(judged, broken)
  for (const fault of faults) await found({ ...fault, ...picture }, remake)
}

async function faultsOf ({ images, looked, onFile }: Round, { kind, name, files }: PictureRow): Promise<(Fault & { size: Size })[]> {
  const { inspection } = images
  const faults: (Fault & { size: Size })[] = inspection.sizes(kind).filter((size) => !files.some((file) => file.size === size)).map((size) => ({ code: 'size_unrecorded', size }))
  for (const file of files) {
    const verdict = await inspection.judge(kind, name, file)
    looked.files++
    onFile()
    if (verdict !== 'fine') faults.push({ code: verdict === 'missing' ? 'file_missing' : 'file_broken', size: file.size })
  }
  return faults
}

/** Stored files that no row knows. */
export async function checkMedia (round: Round): Promise<void> {
  const { images: { inspection }, found } = round
  for (const kind of PICTURES) {
    for await (const batch of inspection.list(kind, PAGE)) {
      for (const { file, name } of batch) if (name === undefined) await found({ code: 'file_foreign', kind, file }, async () => 'nothing of ours is called so: remove it by hand')
      const suspects = await unknownOf(round, kind, batch)
      if (suspects.length === 0) continue
      await round.settle()
      for (const { file, ...unknown } of await unknownOf(round, kind, suspects)) {
        const writtenAt = await inspection.writtenAt(unknown)
        const isSettled = writtenAt !== undefined && (round.isAlone || writtenAt < Date.now() - UPLOAD_MS)
        if (isSettled) await found({ code: 'file_unknown', kind, file }, () => inspection.removeFile(unknown))
      }
    }
  }
}

async function unknownOf ({ db: { read }, images }: Round, kind: PictureRow['kind'], batch: readonly Listed[]): Promise<(PictureFile & { file: string })[]> {
  const unknown: (PictureFile & { file: string })[] = []
  for (const { file, name, size } of batch) {
    if (name === undefined || size === undefined) continue
    // On its way first: once it is there, its row is.
    if (images.store.isTracked && (await read.coming.has(name) || await read.going.has(name))) continue
    const record = await read.pictures.find(name)
    const isOurs = record?.kind === kind || await read.checks.holderOf(kind, name) !== undefined
    const isNamed = images.inspection.sizes(kind).includes(size) || (record?.files.some((file) => file.size === size) ?? false)
    if (!isOurs || !isNamed) unknown.push({ kind, name, size, file })
  }
  return unknown
}
