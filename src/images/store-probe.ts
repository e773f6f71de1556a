import { constants } from 'node:fs'
import { access, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from '../disk.ts'
import { newName } from './folders.ts'
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
