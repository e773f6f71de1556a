import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Child } from './child.ts'
import { invalid, unavailable } from './errors.ts'
import { syncFolder } from '../disk.ts'
import { drop, type Folders, type Log } from './folders.ts'
import { BOUNDS } from './formats.ts'
import type { StagedImage } from './stage.ts'

interface Publish {
  image: StagedImage
  /** What the picture will be called. */
  name: string
  child: Child
  folders: Folders
  log: Log
}

/** Encodes an upload and gives it its name. Resolves when the file is sure to be there after a power cut. */
export async function publish ({ image, name, child, folders, log }: Publish): Promise<void> {
  if (!image.claim()) throw unavailable('the upload is gone')
  // From here on the upload is ours alone, and releasing it removes it.
  await image.discard()
  const { content, kind } = image
  const draft = join(folders.staging, `${name}.webp`)
  const final = join(folders.published[kind], `${name}.webp`)
  try {
    if ('finding' in content) throw invalid(content.finding)
    const finding = await child.run({ type: 'encode', file: content.file, output: draft, bound: BOUNDS[kind] })
    if (finding) throw invalid(finding)
    await rename(draft, final)
    await syncFolder(folders.published[kind])
  } catch (error) {
    await drop(draft, log)
    await drop(final, log)
    throw error
  } finally {
    await image.release()
  }
}
