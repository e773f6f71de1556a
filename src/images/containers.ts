// What a file says of its own parts, read before a decoder does: parts without number make decoders slow, and a
// part may be far larger than the whole.

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

/** What is in a box before its first inner box: a version and flags, where it has them. */
const BEFORE: Record<string, number> = { meta: 4 }

export interface Box { type: string, content: Buffer }

/** The boxes of an ISO base media file, or those at the end of a way through boxes inside each other. */
export function * boxesIn (bytes: Buffer, way: readonly string[] = []): Generator<Box> {
  const [next] = way
  for (let at = 0; at + 8 <= bytes.length;) {
    const type = bytes.toString('latin1', at + 4, at + 8)
    const { head, length } = boxAt(bytes, at)
    if (length < head) break
    const content = bytes.subarray(at + head, at + length)
    if (type === next) yield * boxesIn(content.subarray(BEFORE[type] ?? 0), way.slice(1))
    if (next === undefined) yield { type, content }
    at += length
  }
}

/** The way to what the pictures of an AVIF say of themselves. */
const PROPERTIES = ['meta', 'iprp', 'ipco']

/** The sizes of all pictures in an AVIF: beside the one that is shown its tiles and its transparency, which are decoded too. */
export function sizesOf (bytes: Buffer): [width: number, height: number][] {
  const sizes: [number, number][] = []
  for (const { type, content } of boxesIn(bytes, PROPERTIES)) {
    if (type === 'ispe' && content.length >= 12) sizes.push([content.readUInt32BE(4), content.readUInt32BE(8)])
  }
  return sizes
}

/** The first box of that type, whether or not it has anything in it. */
export function contentOf (boxes: Iterable<Box>, wanted: string): Buffer | undefined {
  for (const { type, content } of boxes) if (type === wanted) return content
  return undefined
}

/** More of them cannot be numbered. */
const MOST_PROPERTIES = 32_767

/** What is said of the picture that an AVIF shows; of all its pictures, where it is made of several. */
export function propertiesOf (bytes: Buffer): Box[] {
  const all: Box[] = []
  for (const property of boxesIn(bytes, PROPERTIES)) if (all.push(property) === MOST_PROPERTIES) break
  const shown = contentOf(boxesIn(bytes, ['meta']), 'pitm')
  const links = contentOf(boxesIn(bytes, ['meta', 'iprp']), 'ipma')
  const mine = shown && links ? numbersOf(shown.subarray(4), links).flatMap((number) => all[number - 1] ?? []) : []
  return contentOf(mine, 'av1C') ? mine : all
}

/** The numbers of the properties that an `ipma` links to a picture. */
function numbersOf (id: Buffer, links: Buffer): number[] {
  const isWide = (links[3] ?? 0) % 2 === 1
  for (let at = 8; at + id.length < links.length;) {
    const found = links.subarray(at, at += id.length)
    const count = links[at++]!
    const numbers = links.subarray(at, at += isWide ? 2 * count : count)
    if (!found.equals(id)) continue
    // The highest bit says that a reader has to understand the property.
    return isWide ? Array.from({ length: numbers.length >> 1 }, (_, i) => numbers.readUInt16BE(2 * i) & 0x7fff) : [...numbers].map((number) => number & 0x7f)
  }
  return []
}

/** A length of 1 is followed by a longer one, and 0 reaches to the end. */
function boxAt (bytes: Buffer, at: number): { head: number, length: number } {
  const length = bytes.readUInt32BE(at)
  if (length === 0) return { head: 8, length: bytes.length - at }
  if (length !== 1 || at + 16 > bytes.length) return { head: 8, length }
  return { head: 16, length: Number(bytes.readBigUInt64BE(at + 8)) }
}
