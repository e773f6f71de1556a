/** True when the bytes begin with the given hex, where `..` stands for any byte. */
export function startsWith (head: Buffer, hex: string): boolean {
  for (let at = 0; at < hex.length; at += 2) {
    const pair = hex.slice(at, at + 2)
    if (pair !== '..' && head[at / 2] !== Number.parseInt(pair, 16)) return false
  }
  return true
}

/** The brands of an ISO base media file, the container of AVIF and HEIC; none for anything else. */
export function brands (head: Buffer): string[] {
  if (head.length < 12 || head.toString('latin1', 4, 8) !== 'ftyp') return []
  const found = [head.toString('latin1', 8, 12)]
  const end = Math.min(head.readUInt32BE(0), head.length)
  for (let at = 16; at + 4 <= end; at += 4) found.push(head.toString('latin1', at, at + 4))
  return found
}

/** True when an ISO base media file holds a picture in another code than AV1, whatever its brands say. */
export function holdsOtherCodec (bytes: Buffer): boolean {
  // The entry of an item: its version, number and protection, then the code that it is written in.
  return /infe[^]{8}(?:[^]{2})?(?:hvc1|hev1|lhv1|vvc1|evc1|avc1|jpeg|j2k1|unci)/.test(bytes.toString('latin1'))
}

/** True when the first element of the text is `svg`, whatever prolog, comments and doctype come before it. */
export function isSvg (head: Buffer): boolean {
  // Dropping the zero bytes reads UTF-16 well enough to recognise one ASCII word.
  const text = head.toString('latin1').replaceAll('\0', '').replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, '')
  if (!/^\s*</.test(text)) return false
  // Cut piece by piece: one expression for the whole prolog would take exponential time on a row of comments.
  const body = text.replace(/<!--[^]*?-->|<\?[^>]*>|<![^>]*>/g, '')
  return /^[\s\]>]*<(?:[\w.-]+:)?svg[\s>/]/i.test(body)
}

/** True for a Windows bitmap. `BM` alone begins many a text, so the header's own size must fit too. */
export function isBmp (head: Buffer): boolean {
  return startsWith(head, '424d') && head.length >= 18 && [12, 40, 52, 56, 64, 108, 124].includes(head.readUInt32LE(14))
}
