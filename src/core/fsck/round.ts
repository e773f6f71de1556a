import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '../../db/index.ts'
import type { Size } from '../../images/formats.ts'
import type { Images } from '../../images/open.ts'
import type { Mail } from '../mail/index.ts'
import type { Picture, Pictures } from '../pictures/index.ts'
import type { Seal } from '../seal/index.ts'

/** `remove`: what a commit has dropped. */
export interface Needs { db: Database, images: Images, remove: Pictures['remove'], mail: Mail, seal: Seal }

/** What can be wrong with a data folder. */
export type FaultCode =
  /** The engine finds the database file damaged, or a row whose owner is gone. */
  | 'database_broken' | 'row_stray'
  /** A shown avatar that is not in its owner's collection. */
  | 'avatar_uncollected'
  /** A picture of which nothing is known, a record whose picture nobody has, and one that does not name a size. */
  | 'picture_unrecorded' | 'record_unused' | 'size_unrecorded'
  | 'file_missing' | 'file_broken'
  /** A file of a picture that no row knows, and one that is not called like any of ours. */
  | 'file_unknown' | 'file_foreign'
  | 'staging_leftover' | 'mail_of_nobody'
  /** The search index as a whole, and what it says of one account. */
  | 'index_broken' | 'index_row'
  /** The hashes by which the avatar of an account is shown are not those of its address, or it is not to be shown so. */
  | 'face_row'
  /** A second factor that was sealed with another key. */
  | 'factor_unreadable'
  /** What an account is looked up by is not its address or its number. */
  | 'contact_row'
  /** What is told as the number of accounts is another one. */
  | 'count_wrong'
  /** A check failed before its end. */
  | 'check_failed'

export interface Fault extends Partial<Picture> {
  code: FaultCode
  size?: Size
  userId?: number
  file?: string
  detail?: string
}

export interface Finding extends Fault {
  /** Nothing is wrong any more, and nobody misses anything. */
  isRepaired: boolean
  /** Nothing is wrong any more, and this is gone for good. */
  lost?: string
  /** Why it is still wrong. */
  why?: string
}

/** What became of a fault: it was put right, at the price of something, or not, and why. */
export type Mended = undefined | { lost: string } | string

type Mend = () => Promise<Mended | void>

/** One examination of a data folder: who is about, what has been looked at, and what becomes of a fault. */
export interface Round extends Needs {
  /** No server is running, and none can start meanwhile. */
  isAlone: boolean
  looked: { accounts: number, pictures: number, files: number }
  onFile: () => void
  found: (fault: Fault, mend: Mend) => Promise<void>
  /** Beside a server: gives what is under way the time to be done. */
  settle: () => Promise<void>
}

/** A page of rows; some thousand bytes each at most. */
export const PAGE = 500
const AT_ONCE = 4
const SETTLE_MS = 1_000

interface Options { isAlone: boolean, repair: boolean, onFinding: (finding: Finding) => void, onFile: () => void }

export function createRound (needs: Needs, { isAlone, repair, onFinding, onFile }: Options): Round {
  return {
    ...needs,
    isAlone,
    onFile,
    looked: { accounts: 0, pictures: 0, files: 0 },
    settle: async () => { if (!isAlone) await pause(SETTLE_MS) },
    async found (fault, mend) {
      if (!repair) {
        onFinding({ ...fault, isRepaired: false })
        return
      }
      // Whatever cannot be mended is told, and the rest is looked at all the same.
      const mended = await mend().catch((error: unknown) => (error as Error).message)
      onFinding({ ...fault, isRepaired: mended === undefined, ...typeof mended === 'string' ? { why: mended } : mended })
    },
  }
}

/** Runs one check. If it fails, that is a finding like others, and the rest is checked all the same. */
export async function apart (round: Round, what: string, check: () => Promise<void>): Promise<void> {
  try {
    await check()
  } catch (error) {
    await round.found({ code: 'check_failed', detail: `${what}: ${(error as Error).message}` }, async () => 'it was not checked to the end')
  }
}

/** Every row there is, a page at a time, each page after the last row of the one before. */
export async function * pages<T, K> (page: (after: K, most: number) => Promise<T[]>, keyOf: (row: T) => K, first: K): AsyncGenerator<T[]> {
  let after = first
  for (;;) {
    const rows = await page(after, PAGE)
    const last = rows.at(-1)
    if (last === undefined) return
    after = keyOf(last)
    yield rows
  }
}

/** A few at once: enough to keep a disk busy, and few enough for the memory. */
export async function atOnce<T> (items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const left = items.values()
  await Promise.all(Array.from({ length: AT_ONCE }, async () => { for (const item of left) await work(item) }))
}
