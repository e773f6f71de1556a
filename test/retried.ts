const TRIES = 3

/**
 * What is about time is tried again when it took too long: a busy machine is not late three times in a row, a service that waits
 * is. Resolves to the first that is good, or else to the last.
 */
export async function retried<T> (work: () => Promise<T>, isGood: (found: T) => boolean): Promise<T> {
  for (let left = TRIES; ; left--) {
    const found = await work()
    if (isGood(found) || left === 1) return found
  }
}
