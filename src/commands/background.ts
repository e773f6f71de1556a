import { readdirSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

/**
 * Lets everybody else on the machine go first: whoever asks the server something does not wait for this process. On Linux each thread
 * has a priority of its own, and those that compile and collect garbage were there before any of our code.
 */
export function goLast (): void {
  const { PRIORITY_LOW } = constants.priority
  setPriority(PRIORITY_LOW)
  let threads: number[] = []
  try {
    threads = readdirSync('/proc/self/task').map(Number)
  } catch {
    // No Linux.
  }
  for (const thread of threads) {
    try {
      setPriority(thread, PRIORITY_LOW)
    } catch {
      // It has ended.
    }
  }
}
