const FIRST_BYTES = 4 * 1_024

/** Bytes as they come, in one buffer that grows: kept as they are, chunks of one byte would cost hundreds of bytes each. */
export function createGathered () {
  let buffer: Buffer = Buffer.alloc(0)
  let length = 0

  return {
    add (chunk: Buffer): void {
      const needed = length + chunk.length
      // Most bodies are one chunk.
      if (length === 0) buffer = chunk
      else {
        if (needed > buffer.length) {
          const larger = Buffer.allocUnsafe(Math.max(needed, 2 * length, FIRST_BYTES))
          buffer.copy(larger, 0, 0, length)
          buffer = larger
        }
        chunk.copy(buffer, length)
      }
      length = needed
    },

    bytes: (): Buffer => buffer.subarray(0, length),
  }
}
