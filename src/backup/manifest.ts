import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { FolderError } from '../db/errors.ts'
import { writeDurably } from '../disk.ts'
import { generationsOf, MANIFEST, MANIFEST_HASH, PICTURES, SECRET_FILES } from './layout.ts'

/** What a generation consists of, by SHA-256, and what made it. */
export interface Manifest {
  format: 1 | 2
  /** When what it holds was so, as ISO 8601. */
  made: string
  /** Of the program. */
  version: string
  schema: { migrations: number, newest: number }
  service: string
  database: string
  accounts: number
  /** How many files of pictures there are, and the hash of the list of those of which the database has no hash, or another one; in format 1 of all. */
  files: number
  pictures: string
  /** Secrets by their name; empty without `--with-secrets`. */
  secrets: Record<string, string>
  left_out: string[]
  /** Pictures that were missing in the data folder already. */
  missing: string[]
  /** Pictures that were not what the database says already; they are kept as they were. */
  damaged: string[]
  /** How many people were known to be removed. */
  tombstones: number
}

export const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Whatever names a file must be no path to anything else. */
export const isHash = (text: unknown): text is string => typeof text === 'string' && /^[0-9a-f]{64}$/.test(text)

/** Hashes of files of pictures, by their place below `media/`. */
export type Listed = Map<string, string>

/** It names what is missing or damaged, and nothing else that could be many. */
const MANIFEST_MAX_BYTES = 256 * 1_024 ** 2
const EMPTY = sha256('')

/** Writes the list of pictures, where there is one. Resolves to its hash. */
export async function writePictures (folder: string, pictures: Listed): Promise<string> {
  const text = Array.from(pictures, ([path, hash]) => `${hash}  ${path}\n`).join('')
  if (text !== '') await writeDurably(join(folder, PICTURES), text)
  return sha256(text)
}

/** Throws BACKUP_DAMAGED when it is not what was written. */
export function readPictures (dir: string, generation: string, { pictures }: Manifest): Listed {
  if (pictures === EMPTY) return new Map()
  const place = `generations/${generation}/${PICTURES}`
  let text
  try {
    text = readFileSync(join(dir, place))
  } catch (error) {
    throw new FolderError('BACKUP_DAMAGED', `${place} cannot be read (${(error as Error).message})`, { cause: error })
  }
  if (sha256(text) !== pictures) throw new FolderError('BACKUP_DAMAGED', `${place} is damaged`)
  const listed: Listed = new Map(text.toString().split('\n').slice(0, -1).map((line) => [line.slice(66), line.slice(0, 64)]))
  if (![...listed.values()].every(isHash)) throw new FolderError('BACKUP_DAMAGED', `${place} is no list of hashes`)
  return listed
}

/** Writes it, and beside it its hash as `sha256sum -c` reads it. */
export async function writeManifest (folder: string, manifest: Manifest): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 1)}\n`
  await writeDurably(join(folder, MANIFEST), text)
  await writeDurably(join(folder, MANIFEST_HASH), `${sha256(text)}  ${MANIFEST}\n`)
}

/** Throws BACKUP_DAMAGED when it is not what was written, BACKUP_NEWER when a newer program wrote it. */
export function readManifest (dir: string, generation: string): Manifest {
  const folder = join(generationsOf(dir), generation)
  let text, noted
  try {
    if (statSync(join(folder, MANIFEST)).size > MANIFEST_MAX_BYTES) throw new Error('it is larger than any')
    text = readFileSync(join(folder, MANIFEST))
    noted = readFileSync(join(folder, MANIFEST_HASH), 'utf8')
  } catch (error) {
    throw new FolderError('BACKUP_DAMAGED', `generations/${generation}: the manifest cannot be read (${(error as Error).message})`, { cause: error })
  }
  if (noted !== `${sha256(text)}  ${MANIFEST}\n`) throw new FolderError('BACKUP_DAMAGED', `generations/${generation}/${MANIFEST} and its ${MANIFEST_HASH} do not belong together: one of them is damaged`)
  let manifest
  try {
    manifest = JSON.parse(text.toString()) as Manifest
  } catch (error) {
    throw new FolderError('BACKUP_DAMAGED', `generations/${generation}/${MANIFEST} is no JSON`, { cause: error })
  }
  const { format, version } = manifest
  if (format !== 1 && format !== 2) throw new FolderError('BACKUP_NEWER', `the backup ${generation} was made by version ${version}, which this program does not know: install that version`)
  // They are paths in the data folder.
  const strange = Object.keys(manifest.secrets).find((name) => !SECRET_FILES.some((one) => one === name))
  if (strange !== undefined) throw new FolderError('BACKUP_DAMAGED', `generations/${generation}/${MANIFEST} names a secret that there is none of: ${JSON.stringify(strange)}`)
  return manifest
}

/** The newest generation whose manifest can be read. */
export function newestOf (dir: string, generations: readonly string[]): { name: string, manifest: Manifest } | undefined {
  for (const name of generations.toReversed()) {
    try {
      return { name, manifest: readManifest(dir, name) }
    } catch (error) {
      if ((error as FolderError).code !== 'BACKUP_DAMAGED') throw error
    }
  }
  return undefined
}
