import type { Test } from 'tap'

/** Sets the clock that limits are counted by forward, for the rest of the test: the service waits for no minute to pass. */
export function skippableClock (t: Test): (seconds: number) => void {
  const read = performance.now.bind(performance)
  let skipped = 0
  t.intercept(performance, 'now', { value: () => read() + skipped })
  return (seconds) => { skipped += seconds * 1_000 }
}
