/** So many uses in so many seconds. */
export interface Rate { limit: number, seconds: number }

/** What is left of a rate: how many uses, and the seconds until all of them are back. */
export interface Quota { limit: number, remaining: number, reset: number }

export type Key = number | string

/** Of one rate: some 10 MiB when somebody fills it on purpose. */
const MOST_KEYS = 100_000

export interface Window { used: number, readonly endsAt: number }

/**
 * Counts uses of each key in windows of a fixed length that begin with the key's first use. What is refused is not counted,
 * so no window outlives its length, whatever is tried meanwhile. At most `most` keys are kept, and the newest half of them
 * always: two maps take turns, because taking single old keys out of one map costs more the larger it is.
 */
export function createWindows ({ limit: all, seconds }: Rate, now: () => number, most = MOST_KEYS, processes = () => 1) {
  const length = seconds * 1_000
  /** Each of several processes has its share. */
  const share = () => Math.ceil(all / Math.max(1, processes()))
  let young = new Map<Key, Window>()
  let old = new Map<Key, Window>()
  let turnedAt = now()

  function find (key: Key, at: number): Window | undefined {
    const window = young.get(key) ?? old.get(key)
    return window !== undefined && window.endsAt > at ? window : undefined
  }

  function open (key: Key, at: number): Window {
    // After one length all that is old has ended as well.
    if (young.size >= most / 2 || at - turnedAt >= length) {
      old = young
      young = new Map()
      turnedAt = at
    }
    // In whole milliseconds, because a rounding would make a second more of it for whoever is told to wait.
    const window = { used: 0, endsAt: Math.floor(at) + length }
    young.set(key, window)
    return window
  }

  return {
    quota (key: Key): Quota {
      const at = now()
      const limit = share()
      const window = find(key, at)
      if (window === undefined) return { limit, remaining: limit, reset: 0 }
      return { limit, remaining: Math.max(0, limit - window.used), reset: Math.ceil((window.endsAt - at) / 1_000) }
    },

    /** The window that now holds one use more; `used` may be counted down again. */
    take (key: Key): Window {
      const at = now()
      const window = find(key, at) ?? open(key, at)
      window.used++
      return window
    },

    /** How many keys are kept. */
    size: (): number => young.size + old.size,
  }
}

export type Windows = ReturnType<typeof createWindows>
