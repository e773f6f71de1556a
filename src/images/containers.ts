// What a file says of its own parts, read before a decoder does: parts without number make decoders slow, and a
// part may be far larger than the whole.

const TEXTS = new Set(['tEXt', 'zTXt', 'iTXt'])
const PNG_BEGIN = 8

/** A PNG without its texts, each of which could be unpacked to megabytes and none of which is kept; any other file as it is. */
export function withoutTexts (bytes: Buffer): Buffer {
  if (bytes.toString('latin1', 1, 4) !== 'PNG') return bytes
  const kept: Buffer[] = []
  let from = 0
  for (let at = PNG_BEGIN; at + 12 <= bytes.length;) {
    const end = at + 12 + bytes.readUInt32BE(at)
    if (TEXTS.has(bytes.toString('latin1', at + 4, at + 8))) {
      kept.push(bytes.subarray(from, at))
      from = end
    }
    at = end
  }
  return kept.length === 0 ? bytes : Buffer.concat([...kept, bytes.subarray(from)])
}

const SCAN = 0xda
const END = 0xd9
/** Markers that stand alone, and the zero that says that an 0xff is one of the pixels'. */
const isBare = (marker: number): boolean => marker <= 1 || (marker >= 0xd0 && marker <= 0xd8)

/** How often a JPEG goes over its pixels: a progressive one of a few kilobytes can do so thousands of times. */
export function scansOf (bytes: Buffer): number {
  let scans = 0
  for (let at = bytes.indexOf(0xff); at >= 0 && at + 4 <= bytes.length;) {
    const marker = bytes[at + 1] ?? END
    if (marker === END) break
    if (marker === SCAN) scans++
    // 0xff may be repeated before a marker.
    at = bytes.indexOf(0xff, at + (marker === 0xff ? 1 : isBare(marker) ? 2 : 2 + bytes.readUInt16BE(at + 2)))
  }
  return scans
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

/** The boxes on the way to what the pictures of a file say of themselves. */
const WAY = ['meta', 'iprp', 'ipco']
/** What is in a box before its first inner box: a version and flags, where it has them. */
const BEFORE: Record<string, number> = { meta: 4 }

/** The sizes of all pictures in an AVIF: beside the one that is shown its tiles and its transparency, which are decoded too. */
export function sizesOf (bytes: Buffer, way: readonly string[] = WAY): [width: number, height: number][] {
  const sizes: [number, number][] = []
  const [next] = way
  for (let at = 0; at + 8 <= bytes.length;) {
    const type = bytes.toString('latin1', at + 4, at + 8)
    const { head, length } = boxAt(bytes, at)
    if (length < head) break
    const content = bytes.subarray(at + head, at + length)
    if (type === next) sizes.push(...sizesOf(content.subarray(BEFORE[type] ?? 0), way.slice(1)))
    if (next === undefined && type === 'ispe' && content.length >= 12) sizes.push([content.readUInt32BE(4), content.readUInt32BE(8)])
    at += length
  }
  return sizes
}

/** A length of 1 is followed by a longer one, and 0 reaches to the end. */
function boxAt (bytes: Buffer, at: number): { head: number, length: number } {
  const length = bytes.readUInt32BE(at)
  if (length === 0) return { head: 8, length: bytes.length - at }
  if (length !== 1 || at + 16 > bytes.length) return { head: 8, length }
  return { head: 16, length: Number(bytes.readBigUInt64BE(at + 8)) }
}
