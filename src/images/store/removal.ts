import { allSizes, fileName } from '../formats.ts'
import type { Log } from '../staging.ts'
import type { Picture, PictureFile, Store } from './index.ts'

/** Removes a published file that nobody needs any more; false when that failed, which is the next sweep's business. */
export async function removeFile (store: Store, file: PictureFile, log: Log): Promise<boolean> {
  try {
    await store.remove(file)
    return true
  } catch (error) {
    log.warn({ err: error, kind: file.kind, file: fileName(file.name, file.size) }, 'a file could not be removed')
    return false
  }
}

/** The same for a picture in all sizes. */
export async function removePicture (store: Store, picture: Picture, log: Log): Promise<boolean> {
  return (await Promise.all(allSizes(picture.kind).map((size) => removeFile(store, { ...picture, size }, log)))).every(Boolean)
}
