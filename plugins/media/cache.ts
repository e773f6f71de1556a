/** A file as it is sent. */
export interface Held { headers: Record<string, string>, bytes: Buffer }

const CACHE_BYTES = 32 * 1_024 ** 2
/** Nearly all files; of a larger one the store is the smaller part. */
export const CACHED_BYTES = 64 * 1_024
/** What a file costs beside its bytes: its name, its headers, its place. */
const OVERHEAD = 1_024

/** Files by name, within so many bytes in total; those that were asked for last stay. */
export function createCache (maxBytes = CACHE_BYTES) {
  const held = new Map<string, Held>()
  let total = 0

  function remove (file: string): void {
    const known = held.get(file)
    if (known === undefined) return
    held.delete(file)
    total -= known.bytes.length + OVERHEAD
  }

  return {
    get (file: string): Held | undefined {
      const known = held.get(file)
      if (known === undefined) return undefined
      // A Map keeps the order of setting: what is set again is the last to go.
      held.delete(file)
      held.set(file, known)
      return known
    },

    set (file: string, known: Held): void {
      remove(file)
      held.set(file, known)
      total += known.bytes.length + OVERHEAD
      while (total > maxBytes) remove(held.keys().next().value as string)
    },
  }
}
