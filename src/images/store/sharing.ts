/**
 * Does work for everybody who asks, one time after the other: whoever asks while it is done waits for the next time, with all who
 * do. One sync of a folder makes every name durable that was in it when the sync began.
 */
export function sharing (work: () => Promise<void>): () => Promise<void> {
  let [last, next] = [Promise.resolve(), undefined as Promise<void> | undefined]

  async function after (before: Promise<void>): Promise<void> {
    await before.catch(() => {})
    next = undefined
    await work()
  }

  return () => {
    next ??= last = after(last)
    return next
  }
}
