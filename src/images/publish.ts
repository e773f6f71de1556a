import { join } from 'node:path'
import type { Child } from './child.ts'
import type { Cut } from './cut.ts'
import { invalid, unavailable } from './errors.ts'
import { allSizes, fileName } from './formats.ts'
import type { ImageKind } from './formats.ts'
import type { EncodeJob, RecutJob } from './jobs.ts'
import type { Made } from './made.ts'
import type { StagedImage } from './stage.ts'
import { drop, newName, type Log } from './staging.ts'
import { fetch } from './store/fetch.ts'
import type { Store } from './store/index.ts'
import { removePicture } from './store/removal.ts'

interface Publish {
  image: StagedImage
  cut: Cut
  /** What the picture will be called. */
  name: string
  child: Child
  store: Store
  /** The folder that the image process reads from and writes to. */
  staging: string
  log: Log
}

/** Encodes an upload and gives it its name. Resolves to what was made of it, when its files are sure to be there after a power cut. */
export async function publish ({ image, cut, ...rest }: Publish): Promise<Made> {
  if (!image.claim()) throw unavailable('the upload is gone')
  // From here on the upload is ours alone, and releasing it removes it.
  await image.discard()
  const { content, kind } = image
  try {
    if ('finding' in content) throw invalid(content.finding)
    return await make({ type: 'encode', kind, file: content.file, output: join(rest.staging, rest.name), ...cut }, rest)
  } finally {
    await image.release()
  }
}

/** Cuts a published picture anew, under another name, because what an address shows never changes. Throws IMAGE_MISSING. */
export async function recut ({ kind, from, before, cut, ...rest }: Omit<Publish, 'image'> & { kind: ImageKind, from: string, before: Made }): Promise<Made> {
  const { store, staging, name, log } = rest
  const file = join(staging, `${newName()}.up`)
  try {
    await fetch(store, { kind, name: from, size: 'main' }, file)
    return await make({ type: 'recut', kind, file, output: join(staging, name), before, ...cut }, rest)
  } finally {
    await drop(file, log)
  }
}

async function make (job: EncodeJob | RecutJob, { name, child, store, staging, log }: Omit<Publish, 'image' | 'cut'>): Promise<Made> {
  const picture = { kind: job.kind, name }
  const files = allSizes(job.kind).map((size) => ({ size, file: join(staging, fileName(name, size)) }))
  let isBegun = false
  try {
    const { finding, made } = await child.run(job)
    if (finding) throw invalid(finding)
    if (made === undefined) throw unavailable('the image process made nothing')
    isBegun = true
    await store.put(picture, files, { isNew: true })
    return made
  } catch (error) {
    for (const { file } of files) await drop(file, log)
    if (isBegun) await removePicture(store, picture, log)
    throw error
  }
}
