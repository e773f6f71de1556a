import { buffer } from 'node:stream/consumers'
import type { Size } from './formats.ts'
import type { PictureFile, Store } from './store/index.ts'

/** The file of a picture in that size, or its main one; undefined when neither is there. */
export async function read (store: Store, file: PictureFile): Promise<{ size: Size, bytes: Buffer } | undefined> {
  const found = await store.open(file)
  if (found !== undefined) return { size: file.size, bytes: await buffer(found.body) }
  return file.size === 'main' ? undefined : await read(store, { ...file, size: 'main' })
}
