import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Child, EncodeJob, RecutJob } from './child.ts'
import type { Cut } from './cut.ts'
import { invalid, unavailable } from './errors.ts'
import { syncFolder } from '../disk.ts'
import { drop, type Folders, type Log } from './folders.ts'
import { allSizes, fileName } from './formats.ts'
import type { ImageKind } from './formats.ts'
import type { Made } from './made.ts'
import type { StagedImage } from './stage.ts'

interface Publish {
  image: StagedImage
  cut: Cut
  /** What the picture will be called. */
  name: string
  child: Child
  folders: Folders
  log: Log
}

/** Encodes an upload and gives it its name. Resolves to what was made of it, when its files are sure to be there after a power cut. */
export async function publish ({ image, cut, name, child, folders, log }: Publish): Promise<Made> {
  if (!image.claim()) throw unavailable('the upload is gone')
  // From here on the upload is ours alone, and releasing it removes it.
  await image.discard()
  const { content, kind } = image
  try {
    if ('finding' in content) throw invalid(content.finding)
    return await make({ type: 'encode', kind, file: content.file, output: join(folders.staging, name), ...cut }, { name, child, folders, log })
  } finally {
    await image.release()
  }
}

/** Cuts a published picture anew, under another name, because what an address shows never changes. */
export async function recut ({ kind, from, before, cut, name, ...rest }: Omit<Publish, 'image'> & { kind: ImageKind, from: string, before: Made }): Promise<Made> {
  const { folders } = rest
  return await make({ type: 'recut', kind, file: join(folders.published[kind], fileName(from, 'main')), output: join(folders.staging, name), before, ...cut }, { name, ...rest })
}

async function make (job: EncodeJob | RecutJob, { name, child, folders, log }: Omit<Publish, 'image' | 'cut'>): Promise<Made> {
  const folder = folders.published[job.kind]
  const sizes = allSizes(job.kind)
  try {
    const { finding, made } = await child.run(job)
    if (finding) throw invalid(finding)
    if (made === undefined) throw unavailable('the image process made nothing')
    for (const size of sizes) await rename(join(folders.staging, fileName(name, size)), join(folder, fileName(name, size)))
    await syncFolder(folder)
    return made
  } catch (error) {
    for (const size of sizes) {
      await drop(join(folders.staging, fileName(name, size)), log)
      await drop(join(folder, fileName(name, size)), log)
    }
    throw error
  }
}
