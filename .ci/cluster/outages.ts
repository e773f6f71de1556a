// What was seen while something was away: everything but 503, which says so, may be seen for as long only as it takes to notice.
import type { Trouble } from './clients.ts'

/** As long as readiness and a balancer take to notice. */
const NOTICED_MS = 2_000
/** Troubles that are nearer to each other are one. */
const NEAR_MS = 250
/** How long after the last thing was mended something may still be refused. */
export const MENDED_MS = 3_000

/** A time in which something was away, or came back. */
export interface Outage { what: string, from: number, to: number }

/** Troubles as one after the other, of which each is as long as it was seen by somebody. */
function runs (troubles: readonly Trouble[]): { from: number, to: number, statuses: Set<number>, example: Trouble }[] {
  const found: ReturnType<typeof runs> = []
  for (const trouble of troubles.toSorted((a, b) => a.sent - b.sent)) {
    const last = found.at(-1)
    if (last !== undefined && trouble.sent <= last.to + NEAR_MS) {
      last.to = Math.max(last.to, trouble.answered)
      last.statuses.add(trouble.status)
    } else found.push({ from: trouble.sent, to: trouble.answered, statuses: new Set([trouble.status]), example: trouble })
  }
  return found
}

const isUnasked = ({ sent, answered }: Trouble, outages: readonly Outage[]): boolean => !outages.some(({ from, to }) => sent < to + MENDED_MS && answered > from)

/** How often somebody was told to try again although nothing was away: two had got into each other's way too often. */
export const busy = (troubles: readonly Trouble[], outages: readonly Outage[]): number => troubles.filter((trouble) => trouble.status === 503 && isUnasked(trouble, outages)).length

/** What was seen for too long, or while nothing was away, a sentence each. */
export function tooLong (troubles: readonly Trouble[], outages: readonly Outage[]): string[] {
  const others = troubles.filter(({ status }) => status !== 503)
  const long = runs(others).filter(({ from, to }) => to - from > NOTICED_MS)
    .map(({ from, to, statuses, example }) => `${[...statuses].join(', ')} for ${Math.round(to - from)} ms from ${Math.round(from)}: ${example.what} ${example.says}`)
  const unasked = others.filter((trouble) => isUnasked(trouble, outages))
    .map(({ status, sent, what, says }) => `${status} at ${Math.round(sent)} while nothing was away: ${what} ${says}`)
  return [...long, ...unasked]
}
