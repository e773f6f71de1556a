import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from './config.ts'
import { syncFolder, writeDurably } from './disk.ts'

/** Called with the path of a file that is not there, before one is made. May throw, and then none is. */
export type OnMissing = (file: string) => Promise<void>

export interface OwnFile<T> {
  dataDir: string
  name: string
  make: () => string
  /** Undefined for a text that is no use. */
  read: (text: string) => T | undefined
  /** What is expected, and what follows from doing without the file. */
  expected: string
  onMissing?: OnMissing
}

/** A secret of this data folder, made at the first start and readable by its owner only. Throws a ConfigError. */
export async function ownFile<T> ({ dataDir, name, make, read, expected, onMissing }: OwnFile<T>): Promise<T> {
  const file = join(dataDir, name)
  if (!existsSync(file)) {
    await onMissing?.(file)
    await publish(file, make())
  }
  await syncFolder(dataDir)
  const value = read(await readFile(file, 'utf8'))
  if (value === undefined) throw new ConfigError(`${file}: expected ${expected}`)
  return value
}

/** Puts another secret in the place of one, durably. What was there before stays beside it as `<name>.old`: it may belong to another folder. */
export async function replaceOwnFile (dataDir: string, name: string, text: string): Promise<void> {
  const file = join(dataDir, name)
  if (existsSync(file)) await rename(file, `${file}.old`)
  await publish(file, text)
  await syncFolder(dataDir)
}

/**
 * Under its own name only when it is whole, because a crash must not leave half a secret; and by a link, which fails where
 * there is one already: of a server and a command that start at once, both go on with the same.
 */
async function publish (file: string, text: string): Promise<void> {
  const draft = `${file}.${randomBytes(8).toString('hex')}.new`
  await writeDurably(draft, text)
  try {
    await link(draft, file)
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error
  } finally {
    await rm(draft, { force: true })
  }
}
