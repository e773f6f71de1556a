import { sequence } from '../../seeded.ts'
import { either, refused } from './image.ts'
import type { HostileImage } from './image.ts'
import { SAMPLES } from './samples.ts'
import type { SampleName } from './samples.ts'

type Damage = (bytes: Buffer, below: (bound: number) => number) => Buffer

const DAMAGES: Record<string, Damage> = {
  flipped: (bytes, below) => {
    for (let i = 0; i < 12; i++) {
      const at = 8 + below(bytes.length - 8)
      bytes[at] = (bytes[at] ?? 0) ^ 1 << below(8)
    }
    return bytes
  },
  'flipped-head': (bytes, below) => {
    for (let i = 0; i < 4; i++) bytes[12 + below(Math.min(200, bytes.length - 12))] = below(256)
    return bytes
  },
  swapped: (bytes, below) => {
    const [from, to, length] = [12 + below(bytes.length / 2 - 12), bytes.length / 2 + below(bytes.length / 4), 1 + below(bytes.length / 4)]
    const first = Buffer.from(bytes.subarray(from, from + length))
    bytes.copy(bytes, from, to, to + length)
    first.copy(bytes, to)
    return bytes
  },
  // Lengths and sizes are whole numbers of 16 or 32 bits, mostly near the beginning.
  lengths: (bytes, below) => {
    const values = [0, 1, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff]
    for (let i = 0; i < 3; i++) bytes.writeUInt32BE(values[below(values.length)] ?? 0, 12 + below(Math.min(120, bytes.length - 16)))
    return bytes
  },
  repeated: (bytes, below) => {
    const from = 12 + below(bytes.length / 2)
    const piece = bytes.subarray(from, from + 64)
    return Buffer.concat([bytes.subarray(0, from), ...Array<Buffer>(200).fill(piece), bytes.subarray(from)])
  },
}

/** Where a picture is cut off, in parts of its length. */
const CUTS = [0.1, 0.5, 0.9, 0.995]
/** Whether a decoder may do without the rest: the last bytes hold no pixels, and frames that are whole can be shown. */
const isEnough = (name: SampleName, part: number): boolean => part > 0.95 || (name === 'gif-animated' && part > 0.2)

/** Our own good pictures, cut off at many places and damaged at random. */
export function damagedBy (seed: number): HostileImage[] {
  return (Object.keys(SAMPLES) as SampleName[]).flatMap((name, i) => [
    ...CUTS.map((part) => (isEnough(name, part) ? either : refused)(`cut-${name}-${part}`, async () => {
      const bytes = await SAMPLES[name](seed)
      return bytes.subarray(0, Math.floor(bytes.length * part))
    })),
    ...Object.entries(DAMAGES).map(([what, damage], j) => either(`damaged-${name}-${what}`, async () => {
      const below = sequence(seed + i * 100 + j)
      return damage(Buffer.from(await SAMPLES[name](seed)), (bound) => below(Math.max(1, Math.floor(bound))))
    })),
  ])
}
