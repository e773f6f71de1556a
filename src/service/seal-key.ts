import { randomBytes } from 'node:crypto'
import { createSeal, SEAL_KEY_BYTES } from '../core/seal/index.ts'
import type { Seal } from '../core/seal/index.ts'
import { isKeyNeeded, isSealedWith, lossOf } from '../core/seal/seal-proof.ts'
import { FolderError } from '../db/index.ts'
import type { Database } from '../db/index.ts'
import { ownFile, replaceOwnFile } from '../own-file.ts'

const NAME = 'seal.key'
const RESET = 'npm run -s visage -- keys reset-seal'

/** The key by which the service seals what lies in its database. */
export interface SealKey {
  seal: Seal
  /** Makes it the key of the folder, where it is not yet. */
  keep: () => Promise<void>
}

interface Place {
  dataDir: string
  db: Database
  /** The key that the configuration has: the folder has none then, or one that does not count. */
  given?: string | undefined
  /** What was sealed before need not be opened. */
  isNew?: boolean
}

/** The key that the configuration or else the folder has. Throws a FolderError when it is not the one that the database was sealed with. */
export async function openSeal ({ dataDir, db, given, isNew = false }: Place): Promise<SealKey> {
  if (given === undefined) return isNew ? newSealKey(dataDir) : await ownSealKey(dataDir, db)
  const seal = createSeal(Buffer.from(given, 'base64url'))
  if (!isNew && !await isSealedWith(db, seal)) await refuse(db, 'VISAGE_SEAL_KEY is not the key that the database was sealed with')
  return { seal, keep: async () => {} }
}

/** The key of this folder, made where nothing needs one from before. Throws a FolderError when it is not the one that the database was sealed with. */
export async function ownSealKey (dataDir: string, db: Database): Promise<SealKey> {
  const key = await ownFile({
    dataDir,
    name: NAME,
    make: () => textOf(newKey()),
    read (text) {
      const key = Buffer.from(text, 'base64url')
      return key.length === SEAL_KEY_BYTES ? key : undefined
    },
    expected: `${SEAL_KEY_BYTES} bytes in base64url; put the right file back, or go on without what was sealed by it: ${RESET}`,
    async onMissing (file) {
      if (await isKeyNeeded(db)) await refuse(db, `${file} is missing`)
    },
  })
  const seal = createSeal(key)
  if (!await isSealedWith(db, seal)) await refuse(db, `${dataDir}/${NAME} is not the key that the database was sealed with`)
  return { seal, keep: async () => {} }
}

/** A new key, which is not in the folder before it is kept. */
function newSealKey (dataDir: string): SealKey {
  const key = newKey()
  return { seal: createSeal(key), keep: () => replaceOwnFile(dataDir, NAME, textOf(key)) }
}

async function refuse (db: Database, what: string): Promise<never> {
  throw new FolderError('SEAL_KEY_LOST', `${what}: put the right one back. What is lost without it: ${lossOf(await db.read.sealed.count())}. This goes on without: ${RESET}`)
}

const newKey = (): Buffer => randomBytes(SEAL_KEY_BYTES)
const textOf = (key: Buffer): string => key.toString('base64url')
