/** What stays of works that are written together: each that is good, all of them or none, or none whatever they do. */
export type Keep = 'each' | 'all' | 'none'

/** What works note for the end of their group; a work that fails takes its notes back. */
export interface Notes {
  /** How many notes there are. */
  mark: () => number
  /** Takes back the notes after these. */
  undo: (mark: number) => void
}
