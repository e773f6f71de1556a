// The same of a JPEG (`chunks.ts`).

const SCAN = 0xda
const END = 0xd9
/** Markers that stand alone, and the zero that says that an 0xff is one of the pixels'. */
const isBare = (marker: number): boolean => marker <= 1 || (marker >= 0xd0 && marker <= 0xd8)

/** The segments of a JPEG up to its end marker, of which the last may be cut off. */
function * segmentsIn (bytes: Buffer): Generator<{ marker: number, data: Buffer, isWhole: boolean }> {
  for (let at = bytes.indexOf(0xff); at >= 0 && at + 2 <= bytes.length;) {
    const marker = bytes[at + 1]!
    const end = at + 2 + (at + 4 <= bytes.length ? bytes.readUInt16BE(at + 2) : bytes.length)
    // 0xff may be repeated before a marker.
    const isFill = marker === 0xff
    if (!isFill && !isBare(marker)) yield { marker, data: bytes.subarray(at + 4, end), isWhole: end <= bytes.length }
    if (marker === END) break
    at = bytes.indexOf(0xff, isFill ? at + 1 : isBare(marker) ? at + 2 : end)
  }
}

/** How often a JPEG goes over its pixels: a progressive one of a few kilobytes can do so thousands of times. */
export function scansOf (bytes: Buffer): number {
  let scans = 0
  for (const { marker } of segmentsIn(bytes)) if (marker === SCAN) scans++
  return scans
}

const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
const COEFFICIENTS = 64

/** Whether a JPEG ends in its last scan, before its end marker; whether the last row is there only its decoder can tell. */
export function lacksOnlyItsEnd (bytes: Buffer): boolean {
  let last = 0
  /** How many bits of each coefficient are still to come, by the component. */
  const missing = new Map<number, Uint8Array>()
  for (const { marker, data, isWhole } of segmentsIn(bytes)) {
    if (marker === END || !isWhole) return false
    last = marker
    if (isFrame(marker)) for (let at = 6; at < data.length; at += 3) missing.set(data[at]!, new Uint8Array(COEFFICIENTS).fill(16))
    if (marker !== SCAN) continue
    const [count = 0] = data
    const [from = 0, to = 0, bits = 0] = data.subarray(1 + 2 * count)
    for (let i = 0; i < count; i++) missing.get(data[1 + 2 * i]!)?.fill(bits & 0xf, from, to + 1)
  }
  return last === SCAN && [...missing.values()].every((bits) => bits.every((count) => count === 0))
}
