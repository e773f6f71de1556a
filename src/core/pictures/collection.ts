import type { Database } from '../../db/index.ts'
import type { Images } from '../../images/open.ts'
import type { Picture } from './picture-records.ts'

interface Needs { db: Database, images: Pick<Images, 'store' | 'remove'>, log?: { warn: (details: object, message: string) => void } | undefined }

/** No upload takes as long from its first file to its row. */
const LOST_MS = 3_600_000
/** How long what somebody has begun to remove is left to them; after that it is tried again. */
const CLAIM_MS = 60_000
const PAGE = 100
const AT_ONCE = 4

/**
 * Removes from a store that is tracked what nobody has: pictures that were dropped, and those that were lost on their way. Any process
 * does, several at once too: files first, and what says so of them last.
 */
export function createCollection ({ db, images, log }: Needs) {
  let running: Promise<void> | undefined
  let [isAsked, isStopped] = [false, false]

  /** Files of a name that somebody has were made anew, and belong to what is there. */
  const isOwned = async ({ pictures }: Pick<Database['read'], 'pictures'>, name: string): Promise<boolean> =>
    await pictures.find(name) !== undefined || await pictures.ownerOf(name) !== undefined

  async function giveUpLost (): Promise<void> {
    const until = Date.now() - LOST_MS
    for (const { name, kind } of await db.read.coming.stale(until, PAGE)) {
      await db.write(async (tx) => {
        if (await tx.coming.giveUp(name, until) && !await isOwned(tx, name)) await tx.going.add([{ name, kind }])
      })
    }
  }

  /** Resolves to those whose files are gone. Where one cannot be removed the others are not tried either: they are due again soon. */
  async function removeAll (pictures: readonly Picture[]): Promise<string[]> {
    const [left, gone] = [pictures.values(), [] as string[]]
    let isFailing = false
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (const { kind, name } of left) {
        if (isFailing) return
        if (await isOwned(db.read, name) || await images.remove(kind, name)) gone.push(name)
        else isFailing = true
      }
    }))
    return gone
  }

  async function removeDoomed (): Promise<void> {
    while (!isStopped && await db.read.going.count() > 0) {
      const now = Date.now()
      const claimed = await db.write((tx) => tx.going.claim(now, now + CLAIM_MS, PAGE))
      if (claimed.length === 0) return
      const gone = await removeAll(claimed)
      if (gone.length > 0) await db.write(async (tx) => { for (const name of gone) await tx.going.end(name) })
    }
  }

  async function whileAsked (): Promise<void> {
    try {
      while (isAsked && !isStopped) {
        isAsked = false
        await removeDoomed()
      }
    } finally {
      running = undefined
    }
  }

  function collect (): Promise<void> {
    isAsked = true
    return isStopped ? Promise.resolve() : running ??= whileAsked()
  }

  return {
    /** Removes what is due, and what was lost an hour ago. */
    async run (): Promise<void> {
      await giveUpLost()
      await collect()
    },

    /** Something was dropped by a commit of this process. Nobody waits for its files to go. */
    nudge (): void {
      collect().catch((error: unknown) => { log?.warn({ err: error }, 'pictures that nobody has were not removed; they will be') })
    },

    /** Resolves when nothing is at work any more; what is left is for others, or for the next start. */
    async stop (): Promise<void> {
      isStopped = true
      await running?.catch(() => {})
    },
  }
}

export type Collection = ReturnType<typeof createCollection>
