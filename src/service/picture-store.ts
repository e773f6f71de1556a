import { ConfigError } from '../config.ts'
import type { Config } from '../config.ts'
import { FolderError } from '../db/index.ts'
import type { Database } from '../db/index.ts'
import { holdsPictures } from '../images/store/disk.ts'
import type { Store } from '../images/store/index.ts'

/** A store that is not in the data folder, and where it is, as it may be shown. */
export interface Bucket { store: Store, place: string }

/**
 * The store that the configuration names, if it names one. A server asks whether it takes pictures; a command finds out when it needs
 * to. Throws a ConfigError in one line, which tells no secret.
 */
export async function openBucket ({ storeUrl, storeKey = {} }: Config, isServer: boolean): Promise<Bucket | undefined> {
  if (storeUrl === undefined) return undefined
  const [{ placeOf, readS3Address }, { openS3 }] = await Promise.all([import('../images/store/address.ts'), import('../images/store/s3.ts')])
  try {
    const store = await openS3(readS3Address(storeUrl, storeKey))
    if (isServer) await store.probe()
    return { store, place: placeOf(storeUrl) }
  } catch (error) {
    throw new ConfigError(`VISAGE_STORE_URL: ${(error as Error).message}`, { cause: error })
  }
}

interface Places { db: Database, dataDir: string, bucket: Bucket | undefined }

/** Whether the pictures of these rows are where the settings say. A service without pictures has them there from now on. Throws a FolderError. */
export async function settleStore ({ db, dataDir, bucket }: Places, isServer: boolean): Promise<void> {
  const [place, noted] = [bucket?.place ?? '', await db.read.facts.find('store') ?? '']
  if (place === noted) return
  const [there, here] = [noted || 'the data folder', place || 'the data folder']
  if (await db.read.pictures.isAny() || (noted === '' && await holdsPictures(dataDir))) {
    throw new FolderError('STORE_ELSEWHERE', `the pictures of this service are in ${there}, and the settings say ${here}: set VISAGE_STORE_URL as it was, or bring them there: npm run -s visage -- move --store`)
  }
  // It would be found to hold what nobody knows.
  if (bucket !== undefined && await holdsAny(bucket.store)) throw new FolderError('STORE_ELSEWHERE', `${place} holds pictures, and this service has none: name the database that they belong to, or an empty bucket`)
  const lock = isServer ? undefined : await db.lock()
  if (!isServer && lock === undefined) throw new FolderError('STORE_ELSEWHERE', `the running server keeps pictures in ${there}, and the settings say ${here}: set VISAGE_STORE_URL as the server has it`)
  try {
    await db.write((tx) => tx.facts.set('store', place))
  } finally {
    await lock?.release()
  }
}

async function holdsAny (store: Store): Promise<boolean> {
  for (const kind of ['avatar', 'cover'] as const) for await (const page of store.list(kind, { most: 1 })) if (page.length > 0) return true
  return false
}
