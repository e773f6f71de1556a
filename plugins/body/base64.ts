const PREFIX = /^(?:data:)?[\w.+-]+\/[\w.+-]+;base64,/
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
const CHUNK = 64 * 1_024

/** `image/png;base64,iVBOR…` (a leading `data:` is fine) as a stream of bytes; undefined when it is not base64. */
export function bytesOfBase64 (text: string): AsyncIterable<Uint8Array> | undefined {
  // In an urlencoded form an unescaped + arrives as a space.
  const digits = text.replace(PREFIX, '').replaceAll(' ', '+').replace(/[\r\n]+/g, '')
  if (digits === '' || !BASE64.test(digits)) return undefined
  return chunks(digits)
}

async function * chunks (digits: string): AsyncIterable<Uint8Array> {
  for (let at = 0; at < digits.length; at += CHUNK) yield Buffer.from(digits.slice(at, at + CHUNK), 'base64')
}
