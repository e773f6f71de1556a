import { bitsOf, patched, text, u16be, u8 } from './bytes.ts'
import { accepted, either, refused } from './image.ts'
import type { HostileImage } from './image.ts'
import { SAMPLES } from './samples.ts'
import { profile as profileOfColours } from '../../images/written.ts'

export const segment = (marker: number, data: Buffer): Buffer => Buffer.concat([u8(0xff, marker), u16be(data.length + 2), data])

const MAX_RUN = 32_767

interface Shape {
  width: number
  height: number
  components?: 1 | 3 | 4
  progressive?: boolean
  /** Half of the colours each way, as cameras write it; of a progressive one. */
  subsampled?: boolean
  /** Passes over the whole picture that change nothing; of a progressive one. */
  scans?: number
  /** The marker of the frame, where it is to be another. */
  frame?: number
  precision?: number
  segments?: Buffer[]
}

/** One code of one bit in a Huffman table. */
const table = (id: number, symbol: number): Buffer => segment(0xc4, u8(id, 1, ...Array<number>(15).fill(0), symbol))

function scan (components: number[], [start, end, bits]: readonly [number, number, number], data: Buffer): Buffer {
  return Buffer.concat([segment(0xda, u8(components.length, ...components.flatMap((id) => [id, 0]), start, end, bits)), data])
}

/** A grey picture of a few kilobytes, whatever its size: every block is two bits, or one of a run. */
export function jpeg ({ width, height, components = 3, progressive = false, subsampled = false, scans = 0, frame = progressive ? 0xc2 : 0xc0, precision = 8, segments = [] }: Shape): Buffer {
  const ids = Array.from({ length: components }, (_, i) => i + 1)
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8)
  const colourBlocks = subsampled ? Math.ceil(width / 16) * Math.ceil(height / 16) : blocks
  const parts = [
    u8(0xff, 0xd8), ...segments,
    segment(0xdb, Buffer.concat([u8(0), Buffer.alloc(64, 1)])),
    segment(frame, Buffer.concat([u8(precision), u16be(height, width), u8(components, ...ids.flatMap((id) => [id, subsampled && id === 1 ? 0x22 : 0x11, 0]))])),
    table(0x00, 0), table(0x10, progressive ? 0xe0 : 0),
  ]
  if (progressive) {
    const skipped = (count: number): Buffer => bitsOf(Array.from({ length: Math.ceil(count / MAX_RUN) }, () => [MAX_RUN & 0x3fff, 15] as const))
    // Whole groups of blocks, of which a subsampled picture has six in each.
    parts.push(scan(ids, [0, 0, 0], Buffer.alloc(Math.ceil((subsampled ? colourBlocks * 6 : blocks * components) / 8))))
    for (const id of ids) parts.push(scan([id], [1, 63, 0], skipped(id === 1 ? blocks : colourBlocks)))
    const again = scan([1], [1, 63, 0], skipped(blocks))
    for (let i = 0; i < scans; i++) parts.push(again)
  } else {
    parts.push(scan(ids, [0, 63, 0], Buffer.alloc(Math.ceil(blocks * components / 4))))
  }
  return Buffer.concat([...parts, u8(0xff, 0xd9)])
}

const SMALL = { width: 40, height: 32 }
const adobe = (transform: number): Buffer => segment(0xee, Buffer.concat([text('Adobe'), u16be(100, 0, 0), u8(transform)]))
const profile = (part: number, of: number, data: Buffer): Buffer => segment(0xe2, Buffer.concat([text('ICC_PROFILE\0'), u8(part, of), data]))
/** A colour profile that names itself and a space, and has no more to say. */
export const hollowProfile = (space: string): Buffer => {
  const bytes = Buffer.alloc(132)
  bytes.writeUInt32BE(132)
  bytes.write(`mntr${space}XYZ `, 12, 'latin1')
  bytes.write('acsp', 36, 'latin1')
  return bytes
}

const COLOURS = profileOfColours([[0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708], [0.14307, 0.06061, 0.7141]], 1.8)

export const JPEGS: HostileImage[] = [
  accepted('jpeg-limit', () => jpeg({ width: 7_072, height: 7_070 })),
  accepted('jpeg-limit-wide', () => jpeg({ width: 12_000, height: 4_166 })),
  accepted('jpeg-limit-progressive', () => jpeg({ width: 5_000, height: 5_000, progressive: true, subsampled: true })),
  accepted('jpeg-limit-progressive-full-colours', () => jpeg({ width: 4_000, height: 4_000, progressive: true })),
  refused('jpeg-bomb-progressive-full-colours', () => jpeg({ width: 4_001, height: 4_000, progressive: true })),
  accepted('jpeg-limit-progressive-inks', () => jpeg({ width: 4_000, height: 4_000, components: 4, progressive: true })),
  refused('jpeg-bomb-progressive-inks', () => jpeg({ width: 5_000, height: 5_000, components: 4, progressive: true })),
  accepted('jpeg-limit-inks', () => jpeg({ width: 7_072, height: 7_070, components: 4 })),
  refused('jpeg-bomb', () => jpeg({ width: 12_000, height: 12_000 })),
  refused('jpeg-bomb-65535', () => jpeg({ width: 65_500, height: 65_500, components: 1, frame: 0xc1 }).subarray(0, 60_000)),
  refused('jpeg-bomb-progressive', () => jpeg({ width: 12_000, height: 12_000, progressive: true })),
  refused('jpeg-bomb-progressive-just-above', () => jpeg({ width: 5_001, height: 5_000, progressive: true, subsampled: true })),
  accepted('jpeg-limit-scans', () => jpeg({ width: 5_000, height: 5_000, progressive: true, subsampled: true, scans: 96 })),
  refused('jpeg-400-scans', () => jpeg({ width: 5_000, height: 5_000, progressive: true, subsampled: true, scans: 400 })),
  refused('jpeg-3000-scans', () => jpeg({ width: 5_000, height: 5_000, progressive: true, subsampled: true, scans: 3_000 })),
  refused('jpeg-50000-scans', () => jpeg({ width: 2_000, height: 2_000, components: 1, progressive: true, scans: 50_000 })),
  ...[[12_000, 1], [1, 12_000]].map(([width = 0, height = 0]) => accepted(`jpeg-aspect-${width}x${height}`, () => jpeg({ width, height }))),
  ...[[20_000, 10], [10, 20_000], [65_500, 1], [1, 65_500]].map(([width = 0, height = 0]) => refused(`jpeg-aspect-${width}x${height}`, () => jpeg({ width, height }))),
  ...[[0, 0], [0, 32], [40, 0]].map(([width = 0, height = 0]) => refused(`jpeg-claims-${width}x${height}`, () => jpeg({ width, height }))),
  // The decoder fills up what is missing before the end mark, and the picture is grey there.
  either('jpeg-claims-more-than-there-is', async () => {
    const bytes = await SAMPLES.jpeg(1)
    return patched(bytes, bytes.indexOf(u8(0xff, 0xc0)) + 5, u16be(5_000, 5_000))
  }),
  accepted('jpeg-limit-open', () => jpeg({ width: 7_072, height: 7_070 }).subarray(0, -2)),
  accepted('jpeg-limit-progressive-open', () => jpeg({ width: 5_000, height: 5_000, progressive: true, subsampled: true }).subarray(0, -2)),
  accepted('jpeg-limit-progressive-inks-open', () => jpeg({ width: 4_000, height: 4_000, components: 4, progressive: true }).subarray(0, -2)),
  accepted('jpeg-limit-scans-open', () => jpeg({ width: 5_000, height: 5_000, progressive: true, subsampled: true, scans: 96 }).subarray(0, -2)),
  refused('jpeg-open-without-pixels', () => jpeg({ width: 4_000, height: 4_000 }).subarray(0, -20_000)),
  refused('jpeg-open-frame-without-scan', () => jpeg(SMALL).subarray(0, jpeg(SMALL).lastIndexOf(u8(0xff, 0xda)))),
  either('jpeg-open-scan-of-other-components', () => Buffer.concat([jpeg(SMALL).subarray(0, -2), segment(0xda, u8(250, 9, 9))])),
  either('jpeg-open-empty-scan', () => Buffer.concat([jpeg(SMALL).subarray(0, -2), u8(0xff, 0xda, 0, 2)])),
  accepted('jpeg-limit-grey-profile-of-colours', () => jpeg({ width: 7_072, height: 7_070, components: 1, segments: [profile(1, 1, COLOURS)] })),
  accepted('jpeg-inks', () => SAMPLES['jpeg-cmyk'](2)),
  accepted('jpeg-inks-upside-down', () => jpeg({ ...SMALL, components: 4, segments: [adobe(0)] })),
  accepted('jpeg-inks-as-chroma', () => jpeg({ ...SMALL, components: 4, segments: [adobe(2)] })),
  either('jpeg-chroma-of-nonsense', () => jpeg({ ...SMALL, segments: [adobe(99)] })),
  either('jpeg-hollow-profile', () => jpeg({ ...SMALL, segments: [profile(1, 1, hollowProfile('RGB '))] })),
  either('jpeg-profile-of-other-inks', () => jpeg({ ...SMALL, segments: [profile(1, 1, hollowProfile('CMYK'))] })),
  either('jpeg-profile-in-pieces-that-are-missing', () => jpeg({ ...SMALL, segments: [profile(3, 200, Buffer.alloc(60_000, 7)), profile(0, 0, Buffer.alloc(9))] })),
  either('jpeg-profile-of-megabytes', () => jpeg({ ...SMALL, segments: Array.from({ length: 120 }, (_, i) => profile(i + 1, 120, Buffer.alloc(60_000, i))) })),
  either('jpeg-exif-of-noise', () => jpeg({ ...SMALL, segments: [segment(0xe1, Buffer.concat([text('Exif\0\0MM\0*'), Buffer.alloc(60_000, 0x11)]))] })),
  either('jpeg-exif-that-turns-in-circles', () => {
    // A folder that names itself as the next one.
    const folder = Buffer.concat([text('II*\0'), u8(8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 99, 0, 0, 0, 8, 0, 0, 0)])
    return jpeg({ ...SMALL, segments: [segment(0xe1, Buffer.concat([text('Exif\0\0'), folder]))] })
  }),
  either('jpeg-4000-segments', () => jpeg({ ...SMALL, segments: Array<Buffer>(4_000).fill(segment(0xe1, Buffer.alloc(1_000, 0x41))) })),
  either('jpeg-arithmetic', () => jpeg({ ...SMALL, frame: 0xc9 })),
  refused('jpeg-lossless', () => jpeg({ ...SMALL, frame: 0xc3 })),
  refused('jpeg-12-bit', () => jpeg({ ...SMALL, frame: 0xc1, precision: 12 })),
  refused('jpeg-hierarchical', () => jpeg({ ...SMALL, frame: 0xc5 })),
  either('jpeg-two-frames', () => Buffer.concat([jpeg(SMALL).subarray(0, -2), jpeg({ width: 9_000, height: 9_000 }).subarray(2)])),
  refused('jpeg-segment-past-the-end', () => Buffer.concat([u8(0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff), text('JFIF\0')])),
  refused('jpeg-only-a-beginning', () => u8(0xff, 0xd8, 0xff)),
  refused('jpeg-begin-and-end', () => u8(0xff, 0xd8, 0xff, 0xd9)),
  either('jpeg-a-megabyte-of-fill', () => Buffer.concat([u8(0xff, 0xd8), Buffer.alloc(1_000_000, 0xff), jpeg(SMALL).subarray(2)])),
]
