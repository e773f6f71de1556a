// Every program that is measured. A new one is a file beside this one and a line below.
import type { Running } from '../process.ts'
import type { Dialect } from '../requests.ts'
import { django } from './django.ts'
import { allCores, bounded, defaults, limit, service } from './ours.ts'
import { nginx } from './nginx.ts'
import { pocketbase } from './pocketbase.ts'

/** Where a program may keep what it needs, and whom it is to know. */
export interface Place {
  /** Its own, and empty. */
  folder: string
  accounts: number
  /** The same people for all, as JSON. */
  people: string
  /** A copy of the filled data folder of the service, and of its file of tokens. */
  copyData: (to: string) => Promise<{ dataDir: string, tokens: string }>
}

/** A running one, how it is spoken to, and the file with a line for each person: an id and its credential. */
export interface Program extends Running { dialect: Dialect, tokens: string }

export interface Peer {
  /** What is there, with its version; undefined where it is missing. */
  version: () => Promise<string | undefined>
  /** The command that installs it. */
  install: string
  start: (place: Place) => Promise<Program>
}

export const PEERS = {
  'Visage': service,
  'Visage, every default on': defaults,
  'Visage on all cores': allCores,
  'Visage in 512 MB': bounded,
  limit,
  'PocketBase': pocketbase,
  'Django REST Framework': django,
  nginx,
} satisfies Record<string, Peer>

export type Name = keyof typeof PEERS
