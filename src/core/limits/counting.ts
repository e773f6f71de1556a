import type { Used, Uses } from '../../db/index.ts'
import type { Key, Rate, Window, Windows } from './windows.ts'

/** Something that is counted for each of its keys. */
export interface Counter<Name extends string = string> {
  /** As it is told from others. */
  id: string
  /** Which limit it is a part of. */
  of: Name
  rate: Rate
  windows: Windows
}

export type Use<Name extends string = string> = [counter: Counter<Name>, key: Key]

/** One that is used up, and for how many seconds it will be. */
export interface Full<Name extends string = string> { counter: Counter<Name>, wait: number }

/** Undoes what was counted, as far as its time is not over. */
export type GiveBack = () => Promise<void>

/** Where uses are counted: by one process in its memory, or by all of them. */
export interface Counting {
  /** Those that are used up. */
  full: <Name extends string>(uses: readonly Use<Name>[]) => Promise<Full<Name>[]>
  /** Counts one of each, or none where one is used up. */
  take: <Name extends string>(uses: readonly Use<Name>[]) => Promise<{ giveBack: GiveBack } | { full: Full<Name>[] }>
}

export function fullHere<Name extends string> (uses: readonly Use<Name>[]): Full<Name>[] {
  return uses.flatMap(([counter, key]) => {
    const { remaining, reset } = counter.windows.quota(key)
    return remaining > 0 ? [] : [{ counter, wait: reset }]
  })
}

/** Counts in the memory of this process. */
export const countingHere: Counting = {
  full: async (uses) => fullHere(uses),

  async take (uses) {
    const full = fullHere(uses)
    if (full.length > 0) return { full }
    const taken: Window[] = uses.map(([{ windows }, key]) => windows.take(key))
    return { giveBack: async () => { for (const window of taken.splice(0)) window.used-- } }
  },
}

/** Counts where every process does. */
export function countingIn (shared: Uses, now: () => number): Counting {
  const named = <Name extends string>(uses: readonly Use<Name>[]) => new Map(uses.map(([counter, key]) => [`${counter.id} ${key}`, counter]))
  const asked = (counters: ReadonlyMap<string, Counter>) => Array.from(counters, ([name, { rate: { limit, seconds } }]) => ({ name, limit, seconds }))
  const told = <Name extends string>(counters: ReadonlyMap<string, Counter<Name>>, full: readonly Used[]): Full<Name>[] => full.flatMap(({ name, endsAt }) => {
    const counter = counters.get(name)
    // What two processes think of the same clock may differ by as long as it takes to ask.
    return counter === undefined ? [] : [{ counter, wait: Math.min(counter.rate.seconds, Math.max(1, Math.ceil((endsAt - now()) / 1_000))) }]
  })

  return {
    async full (uses) {
      const counters = named(uses)
      return told(counters, await shared.full(asked(counters), now()))
    },

    async take (uses) {
      const counters = named(uses)
      const result = await shared.take(asked(counters), now())
      if ('full' in result) return { full: told(counters, result.full) }
      const { taken } = result
      // Whoever was let in is in, even if they count as one who was not for as long as this takes.
      return { giveBack: async () => { await shared.giveBack(taken.splice(0)).catch(() => {}) } }
    },
  }
}
