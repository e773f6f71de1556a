import type { Test } from 'tap'

/**
 * Stops the clock that limits are counted by for the rest of the test, and sets it forward: the service waits for no minute to
 * pass, and on a busy machine none passes.
 */
export function skippableClock (t: Test): (seconds: number) => void {
  let now = performance.now()
  t.intercept(performance, 'now', { value: () => now })
  return (seconds) => { now += seconds * 1_000 }
}
