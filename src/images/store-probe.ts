import { constants } from 'node:fs'
import { access, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { entriesOf, writeDurably } from '../disk.ts'
import { newName, stat } from './folders.ts'
import type { Folders } from './folders.ts'

/** A block of any disk: less may find room where a picture would not. */
const BLOCK = Buffer.alloc(4_096)

/** Whether the folders take what is uploaded. Throws what the disk says. */
export async function tryStore ({ staging, published }: Folders): Promise<undefined> {
  for (const folder of Object.values(published)) await access(folder, constants.W_OK | constants.X_OK)
  const file = join(staging, `${newName()}.probe`)
  try {
    await writeDurably(file, BLOCK)
  } finally {
    await rm(file, { force: true })
  }
  return undefined
}

/** The bytes of the disk that the service may still fill. */
export async function freeBytes ({ staging }: Folders): Promise<number> {
  const { bavail, bsize } = await statfs(staging)
  return bavail * bsize
}

/** Page size. One file after the other is looked at, which leaves threads of the pool to others. */
const AT_ONCE = 64

/** What lies in each folder. A file that goes meanwhile counts nothing. */
export async function bytesOf ({ staging, published: { avatar, cover } }: Folders): Promise<Record<'avatars' | 'covers' | 'staging', number>> {
  async function sum (folder: string): Promise<number> {
    let bytes = 0
    for await (const page of entriesOf(folder, AT_ONCE)) {
      for (const { name } of page) bytes += (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0
    }
    return bytes
  }
  return { avatars: await sum(avatar), covers: await sum(cover), staging: await sum(staging) }
}
