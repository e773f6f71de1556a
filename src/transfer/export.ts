import { rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Service } from '../app.ts'
import { syncFolder, writeDurably } from '../disk.ts'
import { carry } from '../images/carry.ts'
import { pathOf } from '../images/formats.ts'
import { openStaging } from '../images/staging.ts'
import { openDisk } from '../images/store/disk.ts'
import { VERSION } from '../version.ts'
import type { Carried, List } from '../db/index.ts'
import { TransferError, wholly, writeLines } from './folder.ts'
import { FORMAT, LEFT, linesOf, LISTS, LOG, MANIFEST, PEOPLE, picturesOf } from './format.ts'
import type { Manifest } from './format.ts'

const PAGE = 100
/** How often somebody whose pictures are replaced while they are copied is read again. */
const TRIES = 10

interface Source {
  core: Service
  /** Told after each person. */
  onPerson?: (count: number) => void
}

/**
 * Writes everything that people would want to carry into a folder that is new or empty, beside a running server too: each
 * person with the pictures of that moment. Throws a TransferError.
 */
export const exportTo = (folder: string, { core, onPerson }: Source): Promise<Manifest> => wholly(folder, async (draft) => {
  const { carried } = core.db.read
  const staging = await openStaging(draft)
  const way = { from: core.images.store, to: await openDisk(draft), staging, log: { warn () {} } }
  const counts: Record<string, number> = { pictures: 0 }

  async function * list (name: List) {
    for (let page = await carried.list(name, 0, PAGE); page.length > 0; page = await carried.list(name, page.at(-1)?.id ?? 0, PAGE)) yield * page
  }

  /** The person as they were when all their pictures could be read; undefined when they are gone by then. */
  async function withPictures (person: Carried): Promise<Carried | undefined> {
    let now: Carried | undefined = person
    for (let tries = 0; tries < TRIES && now !== undefined; tries++) {
      const lost = await copyAll(now)
      if (lost === undefined) return now
      if (tries === TRIES - 1) throw new TransferError(`${lost} of account ${person.id} is missing or damaged: run fsck first`)
      now = await carried.person(person.id)
    }
    return now
  }

  async function copyAll (person: Carried): Promise<string | undefined> {
    for (const picture of picturesOf(person)) {
      const size = await carry(way, picture)
      if (size !== undefined) return pathOf({ ...picture, size })
    }
    return undefined
  }

  async function * everybody () {
    let count = 0
    for (let page = await carried.people(0, PAGE); page.length > 0; page = await carried.people(page.at(-1)?.id ?? 0, PAGE)) {
      for (const person of page) {
        const whole = await withPictures(person)
        if (whole === undefined) continue
        yield whole
        counts.pictures = (counts.pictures ?? 0) + whole.pictures.length
        onPerson?.(++count)
      }
    }
  }

  counts[PEOPLE] = await writeLines(join(draft, linesOf(PEOPLE)), everybody())
  // After the people, so that whatever they point to is in them.
  for (const name of [...LISTS, LOG] as const) counts[name] = await writeLines(join(draft, linesOf(name)), list(name))
  const manifest: Manifest = { format: FORMAT, version: VERSION, exportedAt: new Date().toISOString(), counts, highest: await carried.highest(), left: LEFT }
  await rmdir(staging)
  await writeDurably(join(draft, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
  await syncFolder(draft)
  return manifest
})
