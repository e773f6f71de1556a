// Files written by hand, byte by byte, so that what they must look like is known without any library.
import { deflateSync, crc32 } from 'node:zlib'

type Colour = readonly number[]
/** The samples of a pixel. */
export type Draw = (x: number, y: number) => Colour

interface PngOptions { width: number, height: number, depth: 1 | 8 | 16, type: 'grey' | 'rgb' | 'palette' | 'grey-alpha' | 'rgba', extra?: [string, Buffer][], draw: Draw }

/** A PNG that is not interlaced; `extra` chunks come before the pixels. */
export function png ({ width, height, depth, type, extra = [], draw }: PngOptions): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([depth, { 'grey': 0, 'rgb': 2, 'palette': 3, 'grey-alpha': 4, 'rgba': 6 }[type]], 8)
  const lines = Array.from({ length: height }, (_, y) => {
    const samples = Array.from({ length: width }, (_, x) => draw(x, y)).flat()
    if (depth === 16) return Buffer.concat([Buffer.of(0), Buffer.from(samples.flatMap((value) => [value >> 8, value & 255]))])
    if (depth === 8) return Buffer.from([0, ...samples])
    const line = Buffer.alloc(1 + Math.ceil(width / 8))
    for (const [x, bit] of samples.entries()) line[1 + (x >> 3)]! |= bit << 7 - x % 8
    return line
  })
  const chunks = [['IHDR', header], ...extra, ['IDAT', deflateSync(Buffer.concat(lines))], ['IEND', Buffer.alloc(0)]] as [string, Buffer][]
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks.map(([name, data]) => chunk(name, data))])
}

function chunk (name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}

/** The chunk of a PNG that holds a profile. */
export const iccp = (profile: Buffer): [string, Buffer] => ['iCCP', Buffer.concat([Buffer.from('mine\0\0'), deflateSync(profile)])]

const hundredThousandths = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(Math.round(value * 100_000), i * 4)
  return bytes
}
/** The chunks of a PNG that say what its colours are: the power of its samples, white and primaries, and the numbers of H.273. */
export const gama = (power: number): [string, Buffer] => ['gAMA', hundredThousandths(1 / power)]
export const chrm = (...points: number[]): [string, Buffer] => ['cHRM', hundredThousandths(...points)]
export const cicp = (primaries: number, curve: number, matrix = 0, isFull = 1): [string, Buffer] => ['cICP', Buffer.of(primaries, curve, matrix, isFull)]

const s15 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(Math.round(value * 65_536))
  return bytes
}
const xyz = (values: Colour): Buffer => Buffer.concat([Buffer.from('XYZ \0\0\0\0'), ...values.map(s15)])
const power = (exponent: number): Buffer => {
  const curve = Buffer.alloc(16)
  curve.write('curv')
  curve.writeUInt32BE(1, 8)
  curve.writeUInt16BE(Math.round(exponent * 256), 12)
  return curve
}

/** A profile made of three primaries, as CIE XYZ under D50, and one exponent for all. */
export function profile (primaries: readonly [Colour, Colour, Colour], gamma: number): Buffer {
  const [red, green, blue] = primaries.map(xyz)
  return profileOf('RGB ', [['rXYZ', red!], ['gXYZ', green!], ['bXYZ', blue!], ['rTRC', power(gamma)], ['gTRC', power(gamma)], ['bTRC', power(gamma)]])
}

/** A profile of grey with that exponent. */
export const greyProfile = (gamma: number): Buffer => profileOf('GRAY', [['kTRC', power(gamma)]])

function profileOf (space: 'RGB ' | 'GRAY', own: [string, Buffer][]): Buffer {
  const about = Buffer.concat([Buffer.from('desc\0\0\0\0\0\0\0\x05mine\0', 'latin1'), Buffer.alloc(79)])
  const rights = Buffer.from('text\0\0\0\0none\0\0\0\0', 'latin1')
  const tags: [string, Buffer][] = [['desc', about], ['cprt', rights], ['wtpt', xyz([0.9642, 1, 0.8249])], ...own]
  const table = Buffer.alloc(4 + tags.length * 12)
  table.writeUInt32BE(tags.length)
  let at = 128 + table.length
  for (const [i, [name, data]] of tags.entries()) {
    table.write(name, 4 + i * 12)
    table.writeUInt32BE(at, 8 + i * 12)
    table.writeUInt32BE(data.length, 12 + i * 12)
    at += data.length
  }
  const header = Buffer.alloc(128)
  header.writeUInt32BE(at)
  header.writeUInt32BE(0x02_10_00_00, 8)
  header.write(`mntr${space}XYZ `, 12)
  header.write('acsp', 36)
  Buffer.concat([0.9642, 1, 0.8249].map(s15)).copy(header, 68)
  return Buffer.concat([header, table, ...tags.map(([, data]) => data)])
}

/** A baseline JPEG of plain blocks of 8 × 8, without loss; `transform` is what Adobe's marker says of the samples. */
export function jpeg ({ blocks, samples, transform, draw }: { blocks: number, samples: 1 | 3 | 4, transform: 0 | 1 | 2, draw: Draw }): Buffer {
  const side = blocks * 8
  const ids = Array.from({ length: samples }, (_, i) => i + 1)
  const marker = (code: number, ...data: number[]) => Buffer.from([0xff, code, data.length + 2 >> 8, data.length + 2 & 255, ...data])
  // Twelve lengths of differences, all of four bits; and of everything else nothing but the end of the block, in one bit.
  const tables = [0x00, 0, 0, 0, 12, ...zeros(12), ...Array.from({ length: 12 }, (_, i) => i), 0x10, 1, ...zeros(15), 0]
  let bits = ''
  const last = zeros(samples)
  for (let y = 0; y < blocks; y++) {
    for (let x = 0; x < blocks; x++) {
      for (const [i, value] of draw(x, y).entries()) {
        const level = Math.round((value - 128) * 8)
        const difference = level - last[i]!
        last[i] = level
        const length = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1
        bits += length.toString(2).padStart(4, '0')
        if (length > 0) bits += (difference > 0 ? difference : difference + 2 ** length - 1).toString(2).padStart(length, '0')
        bits += '0'
      }
    }
  }
  const packed = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1').match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2))
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    marker(0xee, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, transform),
    marker(0xdb, 0, ...zeros(64).fill(1)),
    marker(0xc0, 8, side >> 8, side & 255, side >> 8, side & 255, samples, ...ids.flatMap((id) => [id, 0x11, 0])),
    marker(0xc4, ...tables),
    marker(0xda, samples, ...ids.flatMap((id) => [id, 0]), 0, 63, 0),
    Buffer.from(packed.flatMap((byte) => byte === 0xff ? [0xff, 0] : [byte])),
    Buffer.from([0xff, 0xd9]),
  ])
}

const zeros = (length: number): number[] => Array.from({ length }, () => 0)
