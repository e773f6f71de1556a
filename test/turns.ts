import { setImmediate as nextTurn } from 'node:timers/promises'

/** The answer, and how often the event loop turned meanwhile. */
export async function turnsDuring<T> (ask: () => Promise<T>): Promise<{ answer: T, turns: number }> {
  let turns = 0
  let isOver = false
  const asking = ask().finally(() => { isOver = true })
  for (; !isOver; turns++) await nextTurn()
  return { answer: await asking, turns }
}

/** By how much a number changed between two turns of the event loop during a job, for every change. */
export async function stepsDuring (job: () => Promise<unknown>, look: () => number): Promise<number[]> {
  const seen = [look()]
  let isOver = false
  const doing = job().finally(() => { isOver = true })
  while (!isOver) {
    await nextTurn()
    seen.push(look())
  }
  await doing
  return seen.flatMap((now, i) => i === 0 || now === seen[i - 1] ? [] : Math.abs(now - (seen[i - 1] as number)))
}
