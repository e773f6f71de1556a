import type { Name } from './peers/index.ts'
import type { World } from './world.ts'

/** What the ratio to another figure has to be, or of `itself` the figure; without either it is only told. */
export interface Bar {
  least?: number
  most?: number
  /** In every round, and not just in the median one. */
  isAlways?: true
}

/** A line or more of the table. */
export interface Row {
  name: string
  unit: '/s' | 'ms' | 'µs' | 'MB' | ''
  /** By what it is compared with: a program, another figure of the same measurement, another row by its name, or `itself`. */
  bars: Record<string, Bar>
}

/** What one round has shown: of `Visage`, and of whatever the bars name; nothing of what is missing. */
export type Figures = Partial<Record<string, number>>

export interface Context {
  world: World
  /** The programs that the bars name. */
  beside: Name[]
  /** The median of another row so far. Throws where that row has not been measured. */
  seen: (row: string) => number
}

/** Rows that are measured together. */
export interface Work {
  rows: Row[]
  /** Which run has it: `--quick`, the usual one, or `--all`; each has those before it. */
  when: 'quick' | 'usual' | 'all'
  /** Another row, by its name, that has to have been measured, beside those that the bars name. */
  needs?: string
  /** Instead of as many as all others. */
  rounds?: number
  /** One round: the figures of each row. */
  measure: (context: Context) => Promise<Figures[]>
}

export const least = (ratio: number): Bar => ({ least: ratio })
export const most = (ratio: number): Bar => ({ most: ratio })
export const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN
