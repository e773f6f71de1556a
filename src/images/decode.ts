import { coloursOf } from './colours.ts'
import { decoder, FAIL_ON } from './decoder.ts'
import { firstFrame, painted } from './gif.ts'
import { isKeptMoving, maxPixels } from './header.ts'
import type { Header } from './header.ts'
import type { Raw } from './made.ts'
import { lacksOnlyItsEnd } from './segments.ts'
import { toSrgb } from './to-srgb.ts'
import { WEBP } from './variants.ts'

const JPEG_END = Buffer.of(0xff, 0xd9)
/** Pixels to a decoder that is still waiting for some, and nothing to any other. */
const MORE_PIXELS = Buffer.from('3ca59665c35a', 'hex')

interface Decoded {
  /** What an upload shows, or its first frame: upright and in sRGB. */
  main: Raw
  /** All its frames as a WebP, where it is kept moving. */
  moving?: Buffer
}

/** Decodes an upload into a square of that side. Throws what the decoder says of a broken picture. */
export async function decode (bytes: Buffer, header: Header, side: number): Promise<Decoded> {
  if (header.format !== 'jpeg' || !lacksOnlyItsEnd(bytes)) return await decodeWhole(bytes, header, side)
  // Half of an end may be there.
  const pixels = bytes.at(-1) === JPEG_END[0] ? bytes.subarray(0, -1) : bytes
  // The decoder fills up what is missing before an end, and warns of it.
  const ended = await decodeWhole(Buffer.concat([pixels, JPEG_END]), header, side, 'warning')
  // But not of the last rows, where they come last.
  const longer = header.isProgressive ? ended : await decodeWhole(Buffer.concat([pixels, MORE_PIXELS, JPEG_END]), header, side)
  if (!ended.main.data.equals(longer.main.data)) throw new Error('the last pixels are missing')
  return ended
}

async function decodeWhole (bytes: Buffer, header: Header, side: number, failOn: 'error' | 'warning' = FAIL_ON): Promise<Decoded> {
  const isGif = header.format === 'gif'
  const frames = isGif && isKeptMoving(header) ? await painted(bytes, header) : undefined
  const isAnimated = isKeptMoving(header) && frames?.length !== header.width * header.height * 4
  const { file, page } = isGif && !isAnimated ? firstFrame(bytes, header) : { file: bytes, page: header.page ?? 0 }
  const colours = coloursOf(bytes, header)
  const options = { failOn, limitInputPixels: maxPixels(header), ignoreIcc: colours !== undefined }
  const open = (animated: boolean) => (frames ? openFrames(frames, header, animated) : decoder(file, { ...options, ...animated ? { animated } : { page } }))
    .autoOrient().resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })

  const still = open(false)
  if (header.space && !colours) still.pipelineColourspace(header.space)
  const isDeep = colours !== undefined && header.isDeep
  const pixels = await still.toColourspace(isDeep ? 'rgb16' : 'srgb').raw({ depth: isDeep ? 'ushort' : 'uchar' }).toBuffer({ resolveWithObject: true })
  const main = colours ? toSrgb(pixels, colours) : pixels
  return isAnimated ? { main, moving: await open(true).webp({ ...WEBP, ...frames && header.timing }).toBuffer() } : { main }
}

function openFrames (data: Buffer, { width, height }: Header, animated: boolean) {
  const raw = { width, channels: 4 } as const
  const frame = width * height * 4
  return animated ? decoder(data, { animated, raw: { ...raw, height: data.length / frame * height, pageHeight: height } }) : decoder(data.subarray(0, frame), { raw: { ...raw, height } })
}
