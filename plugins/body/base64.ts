import type { ImageKind } from '../../src/images/formats.ts'
import { StagedImage } from '../../src/images/stage.ts'
import type { Fields } from './fields.ts'

const PREFIX = /^(?:data:)?[\w.+-]+\/[\w.+-]+;base64,/
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
const CHUNK = 64 * 1_024

/** `image/png;base64,iVBOR…` (a leading `data:` is fine) as a stream of bytes; undefined when it is not base64. */
function bytesOfBase64 (text: string): AsyncIterable<Uint8Array> | undefined {
  // In an urlencoded form an unescaped + arrives as a space.
  const digits = text.replace(PREFIX, '').replaceAll(' ', '+').replace(/[\r\n]+/g, '')
  if (digits === '' || !BASE64.test(digits)) return undefined
  return chunks(digits)
}

async function * chunks (digits: string): AsyncIterable<Uint8Array> {
  for (let at = 0; at < digits.length; at += CHUNK) yield Buffer.from(digits.slice(at, at + CHUNK), 'base64')
}

type Stage = (kind: ImageKind, bytes: AsyncIterable<Uint8Array>) => Promise<StagedImage>

/** The values of a body with pictures in the place of what came as base64; what is none stays a text. */
export async function withDecoded (values: Record<string, unknown>, { base64, files }: Fields, stage: Stage): Promise<Record<string, unknown>> {
  for (const [name, kind] of base64) {
    const value = values[name]
    const bytes = typeof value === 'string' ? bytesOfBase64(value) : undefined
    if (bytes === undefined) continue
    const image = await stage(kind, bytes)
    // Beside a file for the same picture it is one too many, and a list is what no picture may be.
    const rival = [...files].find(([other, file]) => file.kind === kind && values[other] instanceof StagedImage)
    values[name] = rival === undefined ? image : [values[rival[0]], image]
  }
  return values
}
