import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createSeal, SEAL_KEY_BYTES } from '../core/seal/index.ts'
import { isSealedWith } from '../core/seal/seal-proof.ts'
import { finishCopy, keepNumbers, picturesIn, quickCheck } from '../db/sqlite/copies.ts'
import { endCredentials } from '../db/sqlite/ended.ts'
import { FolderError, openDatabase } from '../db/index.ts'
import type { Database } from '../db/index.ts'
import { databaseOf } from '../db/sqlite/folder.ts'
import { mediaOf } from '../images/store/folder.ts'
import { erase } from './erase.ts'
import { hashesOf, hashOf } from './generation.ts'
import { DATABASE, generationsOf, SECRETS } from './layout.ts'
import { readManifest, readPictures } from './manifest.ts'
import type { Manifest } from './manifest.ts'
import { filesOf } from './pictures.ts'
import { isWhole, linkOrCopy, openPool, placeOf, syncFile } from './pool.ts'
import { inSteps } from './progress.ts'
import type { OnProgress } from './progress.ts'

interface Options {
  dir: string
  generation: string
  /** The folder to build in, on the disk of the data folder. */
  folder: string
  /** Who is not to come back. */
  erased: readonly number[]
  /** The key that the settings have, which counts before any file. */
  sealKey: string | undefined
  /** That of the folder that is replaced, for a backup without secrets. */
  folderKey: string | undefined
  /** The folder that is replaced, where it is of the same service. */
  since: string | undefined
  keepSessions: boolean
  onProgress: OnProgress
}

/** A data folder that is ready to take its place. */
export interface Staged {
  manifest: Manifest
  /** Below `media/`. */
  pictures: string[]
  erased: number
  isUpgraded: boolean
  /** Whose key opens what is sealed; `none`: it was neither in the settings nor in the backup nor in the folder. */
  seal: keyof typeof KEYS | 'none'
  /** What has ended since the backup has ended; otherwise nothing here knows of it. */
  knowsEnded: boolean
}

const KEYS = { settings: 'VISAGE_SEAL_KEY', backup: 'the seal.key of the backup', folder: 'the seal.key of the folder' }

const damagedBackup = (what: string): FolderError => new FolderError('BACKUP_DAMAGED', `${what}; nothing was changed`)

/** Builds a data folder from a generation, and proves on the way that it is what was backed up. Throws a FolderError that names what is not. */
export async function stage ({ dir, generation, folder, erased, sealKey, folderKey, since, keepSessions, onProgress }: Options): Promise<Staged> {
  const manifest = readManifest(dir, generation)
  const odd = readPictures(dir, generation, manifest)
  const from = join(generationsOf(dir), generation)
  const file = databaseOf(folder)
  copyFileSync(join(from, DATABASE), file)
  if (await hashOf(file) !== manifest.database) throw damagedBackup(`generations/${generation}/${DATABASE} is damaged`)
  const said = quickCheck(folder)
  if (said.length > 0) throw damagedBackup(`generations/${generation}/${DATABASE} is damaged (${said[0]})`)
  for (const [name, hash] of Object.entries(manifest.secrets)) {
    copyFileSync(join(from, SECRETS, name), join(folder, name))
    if (await hashOf(join(folder, name)) !== hash) throw damagedBackup(`generations/${generation}/${SECRETS}/${name} is damaged`)
  }

  keepNumbers(folder, erased.reduce((most, id) => Math.max(most, id), 0))
  const db = await openDatabase({ dataDir: folder, exclusive: true })
  let buried, seal: Staged['seal']
  try {
    const own = 'seal.key' in manifest.secrets ? readFileSync(join(folder, 'seal.key'), 'utf8') : undefined
    const key = sealKey ?? own ?? folderKey
    seal = sealKey !== undefined ? 'settings' : own !== undefined ? 'backup' : key !== undefined ? 'folder' : 'none'
    if (seal !== 'none' && key !== undefined && !await isOpenedBy(db, key)) {
      const other = seal === 'settings' && own !== undefined && await isOpenedBy(db, own) ? `, and ${KEYS.backup} is: leave the setting out, here and at the start` : ''
      throw new FolderError('RESTORE_REFUSED', `${KEYS[seal]} is not the one that this database was sealed with${other}; nothing was changed`)
    }
    buried = await erase(db, erased)
  } finally {
    await db.close()
  }
  const knowsEnded = endCredentials(folder, { since, at: keepSessions ? undefined : Date.now() })
  const { schema } = finishCopy(file)
  const pictures = picturesIn(file)
  syncFile(file)

  const pool = openPool(dir)
  const placed: string[] = []
  const hashOfFile = hashesOf(manifest, odd)
  await inSteps('pictures', pictures, onProgress, (picture) => {
    for (const { path, noted } of filesOf(picture)) {
      const hash = hashOfFile(path, noted)
      if (hash === undefined) continue
      const to = mediaOf(folder, path)
      mkdirSync(dirname(to), { recursive: true })
      if (!existsSync(pool.at(hash))) throw damagedBackup(`${placeOf(hash)} is missing, it is media/${path}`)
      const how = linkOrCopy(pool.at(hash), to)
      if (!isWhole(to, hash)) throw damagedBackup(`${placeOf(hash)} is damaged, it is media/${path}`)
      if (how === 'copied') syncFile(to)
      placed.push(path)
    }
  })
  return { manifest, pictures: placed, erased: buried, isUpgraded: schema.migrations > manifest.schema.migrations, seal, knowsEnded }
}

async function isOpenedBy (db: Database, text: string): Promise<boolean> {
  const key = Buffer.from(text, 'base64url')
  return key.length === SEAL_KEY_BYTES && await isSealedWith(db, createSeal(key))
}
