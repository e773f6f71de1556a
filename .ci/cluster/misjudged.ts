// The judge on trial: histories of which it is plain whether they can be, and many small ones that are tried out in every order.
import { seeded } from '../../test/seeded.ts'
import { faults } from './history.ts'
import type { Operation } from './history.ts'

const write = (value: number, sent: number, answered: number): Operation => ({ verb: 'write', value, sent, answered })
const read = (value: number, sent: number, answered: number): Operation => ({ verb: 'read', value, sent, answered })

/** Histories of which it is plain whether they can be: a judge who is wrong about these judges nothing. */
const PLAIN: { what: string, isGood: boolean, history: Operation[] }[] = [
  { what: 'one after the other', isGood: true, history: [write(1, 0, 1), read(1, 2, 3), write(2, 4, 5), read(2, 6, 7)] },
  { what: 'a read beside a write sees the old or the new', isGood: true, history: [write(1, 0, 9), read(0, 1, 2), read(1, 3, 4)] },
  { what: 'two writes at once, in either order', isGood: true, history: [write(1, 0, 5), write(2, 0, 5), read(2, 6, 7)] },
  { what: 'an answer that was lost, and the write was done', isGood: true, history: [write(1, 0, Infinity), read(0, 1, 2), read(1, 3, 4)] },
  { what: 'an answer that was lost, and the write was not done', isGood: true, history: [write(1, 0, Infinity), write(2, 3, 4), read(2, 5, 6)] },
  { what: 'a lost update', isGood: false, history: [write(1, 0, 1), read(0, 2, 3)] },
  { what: 'an update that was lost under the next one', isGood: false, history: [write(1, 0, 1), write(2, 2, 3), read(1, 4, 5)] },
  { what: 'new and then old again, by another process', isGood: false, history: [write(1, 0, 9), read(1, 1, 2), read(0, 3, 4)] },
  { what: 'a value out of nowhere', isGood: false, history: [read(7, 0, 1)] },
  { what: 'a value before it was sent', isGood: false, history: [read(1, 0, 1), write(1, 2, 3)] },
  { what: 'a write that comes again after another was seen', isGood: false, history: [write(1, 0, Infinity), read(1, 1, 2), write(2, 3, 4), read(2, 5, 6), read(1, 7, 8)] },
]

/** Whether there is an order that keeps to the times, in which every read sees what was written last. */
function isPossible (left: readonly Operation[], value: number): boolean {
  // What nobody knows of need not have been done.
  if (left.every(({ verb, answered }) => verb === 'write' && answered === Infinity)) return true
  const latest = Math.min(...left.map(({ answered }) => answered))
  return left.some((next) => next.sent <= latest && (next.verb === 'write' || next.value === value) && isPossible(left.filter((other) => other !== next), next.value))
}

const TRIED = 5_000

/** A history of up to seven requests, good or not. */
function someHistory (random: () => number): Operation[] {
  const upTo = (most: number) => Math.floor(random() * most)
  const history: Operation[] = []
  const writes = 1 + upTo(3)
  // No two times are the same, so that who was first is never in doubt.
  const time = () => upTo(40) + random()
  for (let value = 1; value <= writes; value++) {
    const sent = time()
    history.push(write(value, sent, random() < 0.2 ? Infinity : sent + time() / 3))
  }
  for (let reads = upTo(5); reads > 0; reads--) {
    const sent = time()
    history.push(read(upTo(writes + 1), sent, sent + time() / 3))
  }
  return history
}

/** What it gets wrong. */
export function misjudged (): string[] {
  const isGood = (history: readonly Operation[]) => faults(history, 0).length === 0
  const random = seeded(1)
  const tried = Array.from({ length: TRIED }, () => someHistory(random))
  return [
    ...PLAIN.filter((plain) => isGood(plain.history) !== plain.isGood).map(({ what }) => what),
    ...tried.filter((history) => isGood(history) !== isPossible(history, 0)).map((history) => JSON.stringify(history)),
    ...[true, false].filter((is) => !tried.some((history) => isGood(history) === is)).map((is) => `whether anything is ${is ? 'good' : 'wrong'}`),
  ]
}
