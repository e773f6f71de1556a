import { UNKNOWN } from './formats.ts'

/** How uploads of one format have ended, and how often: `published`, or what was wrong. */
export interface Ended { verdict: string, format: string, count: number }

/** Counts what became of uploads. There are as many kinds of them as formats and findings, whoever sends what. */
export function createUploads () {
  const ends = new Map<string, Ended>()

  return {
    all: (): Ended[] => [...ends.values()],

    note (verdict: string, { format } = { format: UNKNOWN }): void {
      const key = `${verdict} ${format}`
      const end = ends.get(key) ?? { verdict, format, count: 0 }
      end.count++
      ends.set(key, end)
    },
  }
}
