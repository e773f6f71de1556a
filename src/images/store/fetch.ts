import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { missing } from '../errors.ts'
import { fileName } from '../formats.ts'
import type { PictureFile, Store } from './index.ts'

/** Copies a published file to a new local one, durably where it `isKept`. Throws IMAGE_MISSING when it is not there. */
export async function fetch (store: Store, file: PictureFile, to: string, { isKept = false } = {}): Promise<void> {
  const found = await store.open(file)
  if (found === undefined) throw missing(fileName(file.name, file.size))
  await pipeline(found.body, createWriteStream(to, { flags: 'wx', mode: 0o644, flush: isKept }))
}
