/** One use of something that may be used so often in a time that begins with its first use. */
export interface Use { name: string, limit: number, seconds: number }

/** The time in which a use was counted. */
export interface Used { name: string, endsAt: number }

/** What all processes on a database count together, and a restart of them does not forget. Times are milliseconds of the caller's clock, which only goes forward. */
export interface Uses {
  /** Those of these that are used up: until when. */
  full: (uses: readonly Use[], now: number) => Promise<Used[]>
  /** Counts one use of each, or none of them where one is used up. */
  take: (uses: readonly Use[], now: number) => Promise<{ taken: Used[] } | { full: Used[] }>
  /** Counts them down again, as far as their time is not over. */
  giveBack: (taken: readonly Used[]) => Promise<void>
  /** Removes those whose time is over. */
  removeEnded: (now: number) => Promise<void>
}
