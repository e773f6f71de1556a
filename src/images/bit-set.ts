const FIRST_BYTES = 1_024

/** A set of non-negative integers. It takes one bit for every number up to the largest: 125 KB for a million. */
export interface BitSet {
  add (number: number): void
  has (number: number): boolean
}

export function createBitSet (): BitSet {
  let bits = new Uint8Array(FIRST_BYTES)

  const at = (number: number): number => bits[Math.floor(number / 8)] ?? 0
  return {
    add (number) {
      const byte = Math.floor(number / 8)
      if (byte >= bits.length) {
        const more = new Uint8Array(Math.max(2 * bits.length, byte + 1))
        more.set(bits)
        bits = more
      }
      bits[byte] = at(number) | 1 << number % 8
    },
    has: (number) => (at(number) & 1 << number % 8) !== 0,
  }
}
