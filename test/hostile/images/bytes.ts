import { constants, deflateRawSync } from 'node:zlib'

export const u8 = (...values: number[]): Buffer => Buffer.from(values)

export function u16be (...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  for (const [i, value] of values.entries()) bytes.writeUInt16BE(value, i * 2)
  return bytes
}

export function u16le (...values: number[]): Buffer {
  return u16be(...values).swap16()
}

export function u32be (...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, i * 4)
  return bytes
}

export function u32le (...values: number[]): Buffer {
  return u32be(...values).swap32()
}

export const u24le = (value: number): Buffer => u32le(value).subarray(0, 3)

export const text = (value: string): Buffer => Buffer.from(value, 'latin1')

/** A copy with other bytes at one place. */
export function patched (bytes: Buffer, at: number, other: Buffer): Buffer {
  if (at < 0) throw new Error('there is nothing to patch')
  const copy = Buffer.from(bytes)
  other.copy(copy, at)
  return copy
}

const MEGA = 2 ** 20

/** So many zeros as a zlib stream, put together from one compressed block, so that a gigabyte takes no time. */
export function zlibZeros (length: number): Buffer {
  const block = deflateRawSync(Buffer.alloc(MEGA), { finishFlush: constants.Z_FULL_FLUSH })
  const rest = deflateRawSync(Buffer.alloc(length % MEGA))
  // Adler-32 of zeros: the first sum stays 1, the second counts the bytes.
  return Buffer.concat([u8(0x78, 0x01), ...Array<Buffer>(Math.floor(length / MEGA)).fill(block), rest, u16be(length % 65_521, 1)])
}

/** Writes bits from the highest down, as JPEG has them, with its zero after every 255. */
export function bitsOf (pieces: Iterable<readonly [value: number, length: number]>): Buffer {
  const bytes: number[] = []
  let pending = 0
  let count = 0
  const put = (byte: number): void => { bytes.push(byte, ...byte === 0xff ? [0] : []) }
  for (const [value, length] of pieces) {
    for (let bit = length - 1; bit >= 0; bit--) {
      pending = pending << 1 | value >> bit & 1
      if (++count < 8) continue
      put(pending)
      pending = count = 0
    }
  }
  if (count > 0) put(pending << 8 - count | 0xff >> count)
  return Buffer.from(bytes)
}
