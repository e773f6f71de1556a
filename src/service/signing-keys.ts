import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from '../config.ts'
import type { Seal } from '../core/seal/index.ts'
import { isOpenedBy } from '../core/seal/seal-proof.ts'
import type { Database } from '../db/index.ts'
import { ownFile } from '../own-file.ts'
import type { OwnFile } from '../own-file.ts'

const FACTS = { 'jwt.secret': 'jwt_secret', 'jwt.ed25519.pem': 'jwt_key' } as const

export interface SigningKey<T> extends Omit<OwnFile<T>, 'dataDir'> { name: keyof typeof FACTS }

/** A key that this service signs with, made where there is none yet. Throws a ConfigError. */
export type KeepKey = <T>(key: SigningKey<T>) => Promise<T>

/** Keeps it in the data folder. */
export const keptInFolder = (dataDir: string): KeepKey => (key) => ownFile({ dataDir, ...key })

/**
 * Keeps it in the database, sealed, for all processes that sign with it: of those that start at once, all have the same. One that
 * lies in the data folder from before is taken over.
 */
export function keptInDatabase ({ db, seal, dataDir }: { db: Database, seal: Seal, dataDir: string }): KeepKey {
  return async ({ name, make, read, expected, onMissing }) => {
    const fact = FACTS[name]
    const file = join(dataDir, name)
    const unusable = () => new ConfigError(`the ${fact} of the database: expected ${expected}`)

    async function begin (): Promise<string> {
      if (!existsSync(file)) await onMissing?.(`the ${fact} of the database`)
      const text = existsSync(file) ? await readFile(file, 'utf8') : make()
      if (read(text) === undefined) throw new ConfigError(`${file}: expected ${expected}`)
      const sealed = seal.close(text)
      return await db.write(async (tx) => {
        const known = await tx.facts.find(fact)
        if (known === undefined) await tx.facts.set(fact, sealed)
        return known ?? sealed
      })
    }

    const sealed = await db.read.facts.find(fact) ?? await begin()
    const value = isOpenedBy(seal, sealed) ? read(seal.open(sealed)) : undefined
    if (value === undefined) throw unusable()
    return value
  }
}
