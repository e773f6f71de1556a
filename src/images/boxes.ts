// The same of an AVIF (`chunks.ts`).

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
