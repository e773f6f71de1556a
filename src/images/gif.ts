// What a GIF shows where its frames are smaller than its canvas: nothing was drawn there, and a frame that is taken away
// leaves nothing. The decoder would show black, or the colour that the header calls background.
import { decoder, FAIL_ON } from './decoder.ts'
import { maxPixels } from './header.ts'
import type { Header } from './header.ts'

interface Frame {
  left: number
  top: number
  width: number
  height: number
  disposal: number
  hasHoles: boolean
  /** The frame alone, as a GIF of its own size. */
  file: Buffer
  /** Where it ends in the whole file. */
  end: number
}

const [EXTENSION, IMAGE, CONTROL, TRAILER] = [0x21, 0x2c, 0xf9, 0x3b]
/** What comes of a frame before the next one is drawn. */
const [TO_NOTHING, TO_BEFORE, TO_BEFORE_TOO] = [2, 3, 4]
const SCREEN_END = 13
const DESCRIPTOR = 10

/** Bytes of the table of colours that a packed byte tells of. */
const tableBytes = (packed = 0): number => packed & 0x80 ? 3 << (packed & 7) + 1 : 0

/** Where a row of blocks ends, each of which begins with its length; undefined where it has no end. */
function blocksEnd (bytes: Buffer, from: number): number | undefined {
  let at = from
  while (at < bytes.length && bytes[at] !== 0) at += 1 + bytes[at]!
  return at < bytes.length ? at + 1 : undefined
}

/**
 * How large the canvas is: as the header says, or as large as the first frame needs. The decoder does not believe in the
 * sizes that screens once had, nor in large ones. Undefined where nothing is said.
 */
export function canvasOf (bytes: Buffer): { width: number, height: number } | undefined {
  const [width, height] = [bytes.readUInt16LE(6), bytes.readUInt16LE(8)]
  const [first] = framesIn(bytes, 1)
  return width > 0 && height > 0 && first ? { width: Math.max(width, first.left + first.width), height: Math.max(height, first.top + first.height) } : undefined
}

/** The first so many frames that are there as a whole. */
function framesIn (bytes: Buffer, most: number): Frame[] {
  const frames: Frame[] = []
  const screen = bytes.subarray(0, SCREEN_END)
  const colours = tableBytes(screen[10])
  let control: Buffer = Buffer.alloc(6)
  for (let at = SCREEN_END + colours; at < bytes.length && bytes[at] !== TRAILER && frames.length < most;) {
    const isImage = bytes[at] === IMAGE
    if (!isImage && bytes[at] !== EXTENSION) break
    const data = isImage ? at + DESCRIPTOR + tableBytes(bytes[at + 9]) + 1 : at + 2
    const end = blocksEnd(bytes, data)
    if (end === undefined) break
    if (isImage) {
      frames.push({ ...frameOf(bytes.subarray(at, end), control, bytes.subarray(0, SCREEN_END + colours)), end })
      control = Buffer.alloc(6)
    } else if (bytes[at + 1] === CONTROL && bytes[data] === 4) control = bytes.subarray(data, data + 6)
    at = end
  }
  return frames
}

function frameOf (image: Buffer, control: Buffer, head: Buffer): Omit<Frame, 'end'> {
  const [left, top, width, height] = [1, 3, 5, 7].map((at) => image.readUInt16LE(at)) as [number, number, number, number]
  const hasHoles = (control[1]! & 1) === 1
  const screen = Buffer.from(head)
  image.copy(screen, 6, 5, 9)
  const placed = Buffer.from(image)
  placed.fill(0, 1, 5)
  const holes = hasHoles ? [Buffer.of(EXTENSION, CONTROL, 4, 1, 0, 0, control[4]!, 0)] : []
  return { left, top, width, height, disposal: control[1]! >> 2 & 7, hasHoles, file: Buffer.concat([screen, ...holes, placed, Buffer.of(TRAILER)]) }
}

const isCovered = ({ left, top, width, height }: Frame, canvas: Header): boolean => left === 0 && top === 0 && width >= canvas.width && height >= canvas.height

/** Where the first frame is to be found so that the decoder shows it on the whole canvas, with nothing around it. */
export function firstFrame (bytes: Buffer, header: Header): { file: Buffer, page: number } {
  const [first] = framesIn(bytes, 1)
  if (!first || (isCovered(first, header) && !header.isCut)) return { file: bytes, page: 0 }
  // Behind a hole in the last corner: for its sake the decoder has transparency, and a canvas that reaches to there.
  const corner = Buffer.from([EXTENSION, CONTROL, 4, 1, 0, 0, 0, 0, IMAGE, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 0x01, 0])
  corner.writeUInt16LE(header.width - 1, 9)
  corner.writeUInt16LE(header.height - 1, 11)
  const head = SCREEN_END + tableBytes(bytes[10])
  return { file: Buffer.concat([bytes.subarray(0, head), corner, bytes.subarray(head, first.end), Buffer.of(TRAILER)]), page: 1 }
}

/**
 * All frames beneath each other, each as it is seen, in red, green, blue and alpha; those that are cut off are missing.
 * Undefined where the decoder shows the same by itself. Throws what it says of a broken frame.
 */
export async function painted (bytes: Buffer, header: Header): Promise<Buffer | undefined> {
  const frames = framesIn(bytes, header.pages)
  const [first] = frames
  if (!first) return undefined
  // With a hole anywhere the decoder has transparency, and clears what has holes; with none it does where nothing is to be cleared.
  const isRight = frames.some(({ hasHoles }) => hasHoles)
    ? frames.every(({ disposal, hasHoles }) => hasHoles || disposal !== TO_NOTHING)
    : isCovered(first, header) && frames.every(({ disposal }) => disposal < TO_NOTHING)
  if (isRight && !header.isCut) return undefined

  const { width, height } = header
  const canvases = Array.from(frames, () => Buffer.alloc(0))
  const all = Buffer.alloc(width * height * 4 * frames.length)
  for (const [i, frame] of frames.entries()) {
    const data = canvases[i] = all.subarray(i * width * height * 4, (i + 1) * width * height * 4)
    const canvas = { data, width, height }
    const below = frames.findLastIndex(({ disposal }, j) => j < i && disposal !== TO_BEFORE && disposal !== TO_BEFORE_TOO)
    canvases[below]?.copy(data)
    if (frames[below]?.disposal === TO_NOTHING) draw(canvas, frames[below])
    if (frame.width > 0 && frame.height > 0) draw(canvas, frame, await pixelsOf(frame, header))
  }
  return all
}

const pixelsOf = ({ file }: Frame, header: Header): Promise<Buffer> =>
  decoder(file, { failOn: FAIL_ON, limitInputPixels: maxPixels(header) }).toColourspace('srgb').ensureAlpha().raw().toBuffer()

interface Canvas { data: Buffer, width: number, height: number }

/** Puts a frame on the canvas, but for its holes; without pixels clears its place. */
function draw (canvas: Canvas, { left, top, width, height, hasHoles }: Frame, pixels?: Buffer): void {
  const [right, bottom] = [Math.min(left + width, canvas.width), Math.min(top + height, canvas.height)]
  for (let y = top; y < bottom && left < right; y++) {
    const to = (y * canvas.width + left) * 4
    const row = pixels?.subarray((y - top) * width * 4).subarray(0, (right - left) * 4)
    if (!row) canvas.data.fill(0, to, to + (right - left) * 4)
    else if (!hasHoles) row.copy(canvas.data, to)
    else for (let at = 0; at < row.length; at += 4) if (row[at + 3] === 255) canvas.data.writeUInt32LE(row.readUInt32LE(at), to + at)
  }
}
