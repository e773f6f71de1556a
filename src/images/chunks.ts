// What a PNG and a WebP say of their own parts, read before a decoder does: parts without number make decoders slow,
// and a part may be far larger than the whole.

const TEXTS = new Set(['tEXt', 'zTXt', 'iTXt'])
const PNG_BEGIN = 8

/** The chunks of a PNG, of which the last may be cut off; none of anything else. */
export function * chunksIn (bytes: Buffer): Generator<{ type: string, at: number, end: number, data: Buffer }> {
  if (bytes.toString('latin1', 1, 4) !== 'PNG') return
  for (let at = PNG_BEGIN; at + 12 <= bytes.length;) {
    const end = at + 12 + bytes.readUInt32BE(at)
    yield { type: bytes.toString('latin1', at + 4, at + 8), at, end, data: bytes.subarray(at + 8, end - 4) }
    at = end
  }
}

/** A PNG without its texts, each of which could be unpacked to megabytes and none of which is kept; any other file as it is. */
export function withoutTexts (bytes: Buffer): Buffer {
  const kept: Buffer[] = []
  let from = 0
  for (const { type, at, end } of chunksIn(bytes)) {
    if (!TEXTS.has(type)) continue
    kept.push(bytes.subarray(from, at))
    from = end
  }
  return kept.length === 0 ? bytes : Buffer.concat([...kept, bytes.subarray(from)])
}

/** How many frames a WebP has; its own decoder takes the square of their number to tell. */
export function framesOf (bytes: Buffer): number {
  let frames = 0
  for (let at = 12; at + 8 <= bytes.length;) {
    if (bytes.toString('latin1', at, at + 4) === 'ANMF') frames++
    const length = bytes.readUInt32LE(at + 4)
    at += 8 + length + length % 2
  }
  return frames
}
