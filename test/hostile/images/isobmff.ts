import { text, u16be, u32be, u8 } from './bytes.ts'

export const box = (type: string, ...parts: Buffer[]): Buffer => {
  const data = Buffer.concat(parts)
  return Buffer.concat([u32be(data.length + 8), text(type), data])
}

const full = (type: string, version: number, ...parts: Buffer[]): Buffer => box(type, u8(version, 0, 0, 0), ...parts)

export const ftyp = (major: string, ...others: string[]): Buffer => box('ftyp', text(major), u32be(0), text(others.join('')))

export interface Item {
  type: string
  data: Buffer
  size: readonly [width: number, height: number]
  /** Other properties than the size. */
  properties?: Buffer[]
  /** What it points at: `dimg` from a grid to its tiles, `auxl` from the transparency to the picture. */
  reference?: { type: string, to: number[] }
}

export const ALPHA = full('auxC', 0, text('urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0'))

/** The derived picture that puts tiles beside each other. */
export const grid = (columns: number, rows: number, width: number, height: number): Buffer =>
  Buffer.concat([u8(0, 1, rows - 1, columns - 1), u32be(width, height)])

/** A file of items that are numbered from 1, of which one is the picture. */
export function heif (items: readonly Item[], { brand = 'avif', shown = 1 } = {}): Buffer {
  const ids = [...items.keys()].map((i) => i + 1)
  const infos = items.map(({ type }, i) => full('infe', 2, u16be(i + 1, 0), text(`${type}\0`)))
  const links = items.flatMap(({ reference }, i) => reference ? [box(reference.type, u16be(i + 1, reference.to.length, ...reference.to))] : [])
  const properties: Buffer[] = []
  const associations = items.map(({ size, properties: others = [] }, i) => {
    const mine = [full('ispe', 0, u32be(...size)), ...others]
    const first = properties.length + 1
    properties.push(...mine)
    return Buffer.concat([u16be(i + 1), u8(mine.length, ...mine.map((_, at) => first + at))])
  })
  const meta = (offsets: readonly number[]): Buffer => {
    const places = items.map(({ data }, i) => Buffer.concat([u16be(i + 1, 0, 1), u32be(offsets[i] ?? 0, data.length)]))
    return full('meta', 0,
      full('hdlr', 0, u32be(0), text('pict'), Buffer.alloc(13)),
      full('pitm', 0, u16be(shown)),
      full('iloc', 0, u8(0x44, 0), u16be(ids.length), ...places),
      full('iinf', 0, u16be(ids.length), ...infos),
      ...links.length > 0 ? [full('iref', 0, ...links)] : [],
      box('iprp', box('ipco', ...properties), full('ipma', 0, u32be(ids.length), ...associations)))
  }
  const begin = ftyp(brand, 'mif1', 'miaf', 'avif')
  let at = begin.length + meta([]).length + 8
  const offsets = items.map(({ data }) => (at += data.length) - data.length)
  return Buffer.concat([begin, meta(offsets), box('mdat', ...items.map(({ data }) => data))])
}
