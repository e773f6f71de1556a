// Judges what clients of one account saw, knowing nothing of the service: is there an order in which all of it could have
// happened one after the other (Herlihy and Wing), given when each request was sent and answered?

/** A request that set an account to a value that no other sets, or that saw one. Times are milliseconds of one clock. */
export interface Operation {
  verb: 'write' | 'read'
  value: number
  sent: number
  /** Infinity of a write when nobody knows whether it was done. What was refused is in no history. */
  answered: number
}

/** All that was done with a value: from when to when it must have been there at least, or, the other way round, within which time it may have come and gone. */
interface Zone { value: number, from: number, to: number, mustLast: boolean }

/**
 * What is wrong with the history of one account that had `initial` before, a sentence each; nothing where there is such an order.
 * Since no value is set twice, it can be told from the zones of the values (Gibbons and Korach, 1997): two values that must
 * last may not do so at once, and one that comes and goes may not do so wholly within the time of another.
 */
export function faults (history: readonly Operation[], initial: number): string[] {
  const found: string[] = []
  const zones: Zone[] = []
  const first: Operation = { verb: 'write', value: initial, sent: -Infinity, answered: -Infinity }
  for (const [value, all] of Map.groupBy([first, ...history], (operation) => operation.value)) {
    const writes = all.filter(({ verb }) => verb === 'write')
    const reads = all.filter(({ verb }) => verb === 'read')
    const [write] = writes
    if (write === undefined) { found.push(`${value} was seen and never written`); continue }
    if (writes.length > 1) { found.push(`${value} was written twice, and cannot be judged`); continue }
    for (const { answered } of reads) if (answered < write.sent) found.push(`${value} was seen at ${answered}, before it was sent at ${write.sent}`)
    // Nobody knows of it and nobody saw it: as if it had not been.
    if (write.answered === Infinity && reads.length === 0) continue
    const [ended, began] = [Math.min(...all.map(({ answered }) => answered)), Math.max(...all.map(({ sent }) => sent))]
    zones.push({ value, from: Math.min(ended, began), to: Math.max(ended, began), mustLast: ended < began })
  }
  const lasting = zones.filter(({ mustLast }) => mustLast).toSorted((a, b) => a.from - b.from)
  for (const [i, zone] of lasting.entries()) {
    const before = lasting[i - 1]
    if (before && zone.from < before.to) found.push(`${before.value} was there until ${before.to}, and ${zone.value} from ${zone.from}`)
  }
  for (const { value, from, to } of zones.filter(({ mustLast }) => !mustLast)) {
    const around = lasting.find((zone) => zone.from < from && to < zone.to)
    if (around) found.push(`${value} was written from ${from} to ${to}, while ${around.value} was there from ${around.from} to ${around.to}`)
  }
  return found
}
