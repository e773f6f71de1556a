import { AppError } from './errors.ts'
import type { Key } from './windows.ts'

/** Whoever waits in a queue that all share: a person by their id, an address by its network, the operator by a word. */
export type Waiting = Key

/** As whom the operator's commands wait. */
export const OPERATORS: Waiting = 'operator'

/** Keeps one from taking all places of a queue: whoever is beyond their share is refused, and the others find room. */
export interface Places {
  /** Holds a place until the job has settled. Throws `unavailable` past the share, or when all places are taken. */
  hold: <T>(who: Waiting, job: () => Promise<T>) => Promise<T>
}

/** How many places there are in each queue, those at work included, and how many one may hold. */
export const PLACES = {
  /** Two at work; the last one waits three seconds for 25 ms each. */
  hashes: { all: 128, share: 32 },
  /** As many as the queue of src/db/readers.ts has. */
  searches: { all: 256, share: 32 },
  /** As many as the queue of src/images/child.ts has. */
  pictures: { all: 64, share: 16 },
} as const

export function createPlaces ({ all, share }: { all: number, share: number }): Places {
  const held = new Map<Waiting, number>()
  let total = 0

  return {
    async hold (who, job) {
      const own = held.get(who) ?? 0
      if (total >= all || own >= share) throw new AppError('unavailable')
      held.set(who, own + 1)
      total++
      try {
        return await job()
      } finally {
        total--
        const left = (held.get(who) ?? 1) - 1
        if (left === 0) held.delete(who)
        else held.set(who, left)
      }
    },
  }
}
