import { allSizes, FOLDERS } from '../images/formats.ts'
import type { Carried } from '../db/index.ts'
import { TransferError } from './folder.ts'

/** Raised when an older program could no longer read what is written. */
export const FORMAT = 1
export const MANIFEST = 'manifest.json'
/** What people point to, and what tells of them. */
export const LISTS = ['fields', 'groups', 'tags'] as const
export const LOG = 'changes'
export const PEOPLE = 'people'
/** What an export does not hold, as it says itself. */
export const LEFT = ['sessions', 'second factors and recovery codes', 'codes and mails on their way', 'invitations', 'the keys that sign and seal']

export interface Manifest {
  format: number
  /** Of the program that wrote it. */
  version: string
  exportedAt: string
  /** How many rows each file has, and how many pictures there are. */
  counts: Record<string, number>
  /** The highest id that each table had given: nobody gets the number of somebody who is gone. */
  highest: Record<string, number>
  left: string[]
}

export const linesOf = (name: string) => `${name}.jsonl`

const NAME = /^[0-9a-f]{32}$/

/** Somebody's pictures. Throws a TransferError where a row was tampered with: a name is a path. */
export function picturesOf ({ id, pictures }: Carried): Carried['pictures'] {
  for (const { kind, name, files } of pictures) {
    const isOurs = Object.hasOwn(FOLDERS, kind) && NAME.test(name) && files.every(({ size }) => allSizes(kind).includes(size))
    if (!isOurs) throw new TransferError(`account ${id} has a picture as none is called: ${JSON.stringify(name)}`)
  }
  return pictures
}
