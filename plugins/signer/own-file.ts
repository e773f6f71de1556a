import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../../src/config.ts'
import { syncFolder } from '../../src/images/folders.ts'

interface OwnFile<T> {
  dataDir: string
  name: string
  make: () => string
  /** Undefined for a text that is no use. */
  read: (text: string) => T | undefined
  /** What is expected, and what follows from doing without the file. */
  expected: string
}

/** A secret of this data folder, made at the first start and readable by its owner only. Throws a ConfigError. */
export async function ownFile<T> ({ dataDir, name, make, read, expected }: OwnFile<T>): Promise<T> {
  const file = join(dataDir, name)
  if (!existsSync(file)) {
    // Under its own name only when it is whole: a crash must not leave half a secret.
    writeFileSync(`${file}.new`, make(), { mode: 0o600, flush: true })
    renameSync(`${file}.new`, file)
    await syncFolder(dataDir)
  }
  const value = read(readFileSync(file, 'utf8'))
  if (value === undefined) throw new ConfigError(`${file}: expected ${expected}`)
  return value
}
