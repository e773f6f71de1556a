import { AppError } from '../errors.ts'
import type { Key } from './windows.ts'

/** Whoever waits in a queue that all share: a person by their id, an address by its network, the operator by a word. */
export type Waiting = Key

/** As whom the operator's commands wait. */
export const OPERATORS: Waiting = 'operator'

/** A queue in which one cannot keep the others waiting: whoever has something to do comes in turn, and is refused beyond their share. */
export interface Places {
  /** Does the job in turn; it holds a place until it has settled. Throws `unavailable` past the share, or when all places are taken. */
  hold: <T>(who: Waiting, job: () => Promise<T>) => Promise<T>
  /** How many wait for their turn. */
  waiting: () => number
}

/** How many places there are in each queue, how many of these one may hold, and how many are at work at once. */
export const PLACES = {
  /** The last one waits for three seconds, at 25 ms each. More at once would take all threads of the pool, and files and pictures would wait for sign-ins. */
  hashes: { all: 128, share: 32, atOnce: 2 },
  /** A reader of the database each. */
  searches: { all: 256, share: 32, atOnce: 2 },
  /** One is decoded while another is committed. */
  pictures: { all: 64, share: 16, atOnce: 2 },
} as const

export function createPlaces ({ all, share, atOnce }: { all: number, share: number, atOnce: number }): Places {
  const held = new Map<Waiting, number>()
  /** Those who wait, in the order of their turns, each with their own line. */
  const waiting = new Map<Waiting, (() => void)[]>()
  let total = 0
  let working = 0

  /** Ends a turn: whoever was longest without one has the next. */
  function pass (): void {
    const [turn] = waiting
    if (turn === undefined) {
      working--
      return
    }
    const [who, [begin, ...others]] = turn
    waiting.delete(who)
    if (others.length > 0) waiting.set(who, others)
    begin?.()
  }

  return {
    waiting: () => total - working,

    async hold (who, job) {
      const own = held.get(who) ?? 0
      if (total >= all || own >= share) throw new AppError('unavailable')
      held.set(who, own + 1)
      total++
      if (working < atOnce) working++
      else await new Promise<void>((begin) => { waiting.set(who, [...waiting.get(who) ?? [], begin]) })
      try {
        return await job()
      } finally {
        total--
        const left = (held.get(who) ?? 1) - 1
        if (left === 0) held.delete(who)
        else held.set(who, left)
        pass()
      }
    },
  }
}
