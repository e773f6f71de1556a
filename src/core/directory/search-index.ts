import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '../../db/index.ts'

interface Needs { db: Database, log?: { info: (details: object, message: string) => void } | undefined }

/** Each commit takes some milliseconds of the event loop. */
const MOVED_AT_ONCE = 50
const TOLD_EVERY_MS = 10_000

/** Makes the index anew. People write on meanwhile, and searches look at those who are not in it yet. */
export async function makeAnew (needs: Needs, isStopped?: () => boolean): Promise<void> {
  await needs.db.write((tx) => tx.search.makeAnew())
  await finish(needs, isStopped)
}

/** Puts everybody into the index who is not in it yet, and removes what is left of the one before, from wherever an earlier start has got to. */
async function finish (needs: Needs, isStopped: () => boolean = () => false): Promise<void> {
  await moveAll(needs, isStopped)
  while (!isStopped() && await needs.db.write((tx) => tx.search.sweep()));
}

async function moveAll ({ db, log }: Needs, isStopped: () => boolean): Promise<void> {
  const first = await db.read.search.state()
  if (first.isWhole) return
  const began = performance.now()
  let told = began
  for (let state = first; !state.isWhole && !state.isGivenUp && !isStopped(); state = await db.read.search.state()) {
    await db.write((tx) => tx.search.move(MOVED_AT_ONCE))
    if (performance.now() - told < TOLD_EVERY_MS) continue
    told = performance.now()
    log?.info({ upToId: (await db.read.search.state()).indexedTo, lastId: first.lastId }, 'putting people into the search index; until they are in it, searches look at each of them')
  }
  if (first.lastId > 0 && (await db.read.search.state()).isWhole) log?.info({ ms: Math.round(performance.now() - began) }, 'everybody is in the search index')
}

/** What keeps the search index whole and small, a bit at a time, while people read and write. */
export function createSearchIndex ({ db, log }: Needs) {
  let isStopped = false
  let running: Promise<void> | undefined

  async function tend (): Promise<void> {
    if ((await db.read.search.state()).isGivenUp) {
      log?.info({}, 'the search index is damaged and is made anew')
      await makeAnew({ db, log }, () => isStopped)
    }
    await finish({ db, log }, () => isStopped)
    await compact()
  }

  /** What was removed before it began is in no file after it. */
  async function compact (): Promise<void> {
    const { hasLeftovers, passesLeft } = await db.read.search.state()
    // One that a stop has cut short knows nothing of what was removed since.
    if (passesLeft > 0) await compactOnce()
    if (hasLeftovers) await compactOnce()
    if (hasLeftovers || passesLeft > 0) await db.truncateLog()
  }

  async function compactOnce (): Promise<void> {
    do {
      const began = performance.now()
      await db.write((tx) => tx.search.compact())
      // Half of the time is for whatever else there is to do: nobody waits for this.
      await pause(performance.now() - began)
    } while (!isStopped && (await db.read.search.state()).passesLeft > 0)
  }

  return {
    /** Makes a damaged index anew, goes on with one that lacks people, and takes out of the file what was removed. Whoever comes while it runs waits for it. */
    async tend (): Promise<void> {
      running ??= tend().finally(() => { running = undefined })
      await running
    },

    /** Resolves when nothing is at work any more; what is left is done after the next start. */
    async stop (): Promise<void> {
      isStopped = true
      await running?.catch(() => {})
    },
  }
}
