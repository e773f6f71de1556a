import { rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from '../disk.ts'
import { newName } from './staging.ts'

/** A block of any disk: less may find room where a picture would not. */
const BLOCK = Buffer.alloc(4_096)

/** Whether staging takes what is uploaded. Throws what the disk says. */
export async function tryStaging (staging: string): Promise<void> {
  const file = join(staging, `${newName()}.probe`)
  try {
    await writeDurably(file, BLOCK)
  } finally {
    await rm(file, { force: true })
  }
}

/** The bytes of its disk that the service may still fill. */
export async function freeBytes (staging: string): Promise<number> {
  const { bavail, bsize } = await statfs(staging)
  return bavail * bsize
}
