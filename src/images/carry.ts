import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { writeDurably } from '../disk.ts'
import { isDamaged } from './errors.ts'
import { fileName } from './formats.ts'
import type { Size } from './formats.ts'
import type { MadeFile } from './made.ts'
import { drop } from './staging.ts'
import type { Log } from './staging.ts'
import type { Picture, Store } from './store/index.ts'

interface Way {
  from: Store
  to: Store
  /** A folder on the disk of `to`, where that is one. */
  staging: string
  log: Log
}

/** Copies a picture durably, under its name. Resolves to the size whose file is not there or is not what was noted, and then nothing was put. */
export async function carry ({ from, to, staging, log }: Way, { kind, name, files }: Picture & { files: readonly Pick<MadeFile, 'size' | 'sha256'>[] }): Promise<Size | undefined> {
  const staged = files.map(({ size, sha256 }) => ({ size, sha256, file: join(staging, fileName(name, size)) }))
  try {
    for (const { size, sha256, file } of staged) {
      const bytes = await bytesOf(from, { kind, name, size })
      if (bytes === undefined || createHash('sha256').update(bytes).digest('hex') !== sha256) return size
      await writeDurably(file, bytes)
    }
    await to.put({ kind, name }, staged)
    return undefined
  } finally {
    for (const { file } of staged) await drop(file, log)
  }
}

/** A picture is small, and what is hashed has to be what is written. */
const MAX_BYTES = 256 * 1_024 ** 2

async function bytesOf (store: Store, file: Picture & { size: Size }): Promise<Buffer | undefined> {
  try {
    const found = await store.open(file)
    if (found !== undefined && found.bytes <= MAX_BYTES) return await buffer(found.body)
    found?.body.destroy()
    return undefined
  } catch (error) {
    if (!isDamaged(error)) throw error
    return undefined
  }
}
