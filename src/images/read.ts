import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Folders } from './folders.ts'
import { fileName } from './formats.ts'
import type { ImageKind, Size } from './formats.ts'

/** The file of a picture in that size, or its main one; undefined when neither is there. */
export async function read (folders: Folders, kind: ImageKind, name: string, size: Size): Promise<{ size: Size, bytes: Buffer } | undefined> {
  try {
    return { size, bytes: await readFile(join(folders.published[kind], fileName(name, size))) }
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT') throw error
    return size === 'main' ? undefined : await read(folders, kind, name, 'main')
  }
}
