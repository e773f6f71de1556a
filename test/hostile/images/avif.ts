import { patched, text, u32be, u8 } from './bytes.ts'
import { accepted, either, refused } from './image.ts'
import type { HostileImage } from './image.ts'
import { ALPHA, box, ftyp, grid, heif } from './isobmff.ts'
import type { Item } from './isobmff.ts'
import { plain, SAMPLES } from './samples.ts'
import { colr, nclx } from '../../images/pictures.ts'
import { profile } from '../../images/written.ts'

const encode = (width: number, height: number, channels: 3 | 4 = 3, bitdepth: 8 | 10 | 12 = 8): Promise<Buffer> =>
  plain(width, height, channels).avif({ effort: 0, chromaSubsampling: bitdepth === 8 ? '4:2:0' : '4:4:4', bitdepth }).toBuffer()

const coded = new Map<string, Promise<Buffer>>()

/** Large ones take seconds, and several files are made of each. */
function encoded (...shape: Parameters<typeof encode>): Promise<Buffer> {
  const key = shape.join()
  const made = coded.get(key) ?? encode(...shape)
  coded.set(key, made)
  return made
}

function found (file: Buffer, type: string): Buffer {
  const at = file.indexOf(type)
  if (at < 0) throw new Error(`the encoder writes no ${type}`)
  return file.subarray(at - 4, at - 4 + file.readUInt32BE(at - 4))
}

/** The coded picture of a file that holds one, to be put into other containers. */
async function tile (width: number, height: number, size: Item['size'] = [width, height]): Promise<Item> {
  const file = await encoded(width, height)
  return { type: 'av01', data: found(file, 'mdat').subarray(8), size, properties: [found(file, 'av1C')] }
}

/** Columns × rows of one and the same tile. */
async function tiled (side: number, columns: number, rows: number, claim: Item['size'] = [side * columns, side * rows]): Promise<Buffer> {
  const reference = { type: 'dimg', to: Array<number>(columns * rows).fill(2) }
  return heif([{ type: 'grid', data: grid(columns, rows, ...claim), size: claim, reference }, await tile(side, side)])
}

async function claiming (width: number, height: number): Promise<Buffer> {
  const bytes = await SAMPLES.avif(1)
  return patched(bytes, bytes.indexOf('ispe') + 8, u32be(width, height))
}

/** A picture with a transparency of another size. */
export async function veiled (small: number, large: number): Promise<Buffer> {
  const veil = await tile(large, large)
  return heif([await tile(small, small), { ...veil, properties: [...veil.properties ?? [], ALPHA], reference: { type: 'auxl', to: [1] } }])
}

/** A picture that says of its colours what is in that box. */
async function said (box: Buffer, side: number, bitdepth: 8 | 12): Promise<Buffer> {
  const file = await encoded(side, side, 3, bitdepth)
  return heif([{ type: 'av01', data: found(file, 'mdat').subarray(8), size: [side, side], properties: [found(file, 'av1C'), box] }])
}

const SMALL = [64, 64] as const
/** Twice of what is accepted, in half a kilobyte. */
const BOMB = 4_000
const circle = (type: string, to: number[]): Item => ({ type, data: grid(1, 1, ...SMALL), size: SMALL, reference: { type: 'dimg', to } })

export const AVIFS: HostileImage[] = [
  accepted('avif-limit', () => encoded(2_828, 2_828)),
  accepted('avif-limit-alpha', () => encoded(2_828, 2_828, 4)),
  accepted('avif-limit-12-bit', () => encoded(2_236, 2_236, 4, 12)),
  accepted('avif-limit-12-bit-brighter-than-white', () => said(nclx(9, 18), 2_236, 12)),
  accepted('avif-limit-12-bit-profile', () => said(colr(profile([[0.60974, 0.31111, 0.01947], [0.20528, 0.62567, 0.06087], [0.14919, 0.06322, 0.74457]], 2.2)), 2_236, 12)),
  refused('avif-bomb-12-bit', () => encoded(2_250, 2_250, 4, 12)),
  either('avif-limit-tiles', () => tiled(256, 11, 11)),
  refused('avif-bomb', () => encoded(BOMB, BOMB)),
  refused('avif-bomb-just-above', () => claiming(2_829, 2_829)),
  refused('avif-bomb-tiles', () => tiled(630, 10, 10)),
  refused('avif-bomb-65280-tiles', () => tiled(64, 256, 255)),
  refused('avif-bomb-claimed', () => claiming(12_000, 12_000)),
  refused('avif-bomb-claimed-large', () => claiming(0x7fff_ffff, 0x7fff_ffff)),
  refused('avif-claims-nothing', () => claiming(0, 0)),
  either('avif-claims-more-than-there-is', () => claiming(2_800, 2_800)),
  either('avif-says-to-be-small', async () => heif([await tile(BOMB, BOMB, SMALL)])),
  either('avif-says-to-be-narrow', async () => heif([await tile(BOMB, BOMB, [BOMB, 1])])),
  either('avif-tiles-larger-than-the-whole', () => tiled(1_600, 4, 4, SMALL)),
  either('avif-tiles-of-the-limit', () => tiled(2_828, 2, 2, SMALL)),
  either('avif-65280-large-tiles', () => tiled(2_000, 256, 255, SMALL)),
  either('avif-tiles-that-say-to-be-small', async () => heif([
    { type: 'grid', data: grid(2, 2, 128, 128), size: [128, 128], reference: { type: 'dimg', to: [2, 2, 2, 2] } }, await tile(BOMB, BOMB, SMALL),
  ])),
  refused('avif-large-transparency', () => veiled(64, BOMB)),
  either('avif-large-transparency-that-says-to-be-small', async () => {
    const veil = await tile(BOMB, BOMB, SMALL)
    return heif([await tile(64, 64), { ...veil, properties: [...veil.properties ?? [], ALPHA], reference: { type: 'auxl', to: [1] } }])
  }),
  either('avif-large-preview', async () => heif([await tile(64, 64), { ...await tile(BOMB, BOMB), reference: { type: 'thmb', to: [1] } }])),
  refused('avif-grid-of-itself', () => heif([circle('grid', [1])])),
  refused('avif-grid-of-a-grid-of-it', () => heif([circle('grid', [2]), circle('grid', [1])])),
  refused('avif-same-as-itself', () => heif([circle('iden', [1])])),
  refused('avif-grid-of-nothing', () => heif([circle('grid', [9])])),
  either('avif-same-as-another-1000-times', async () => heif([...Array.from({ length: 1_000 }, (_, i) => circle('iden', [i + 2])), await tile(64, 64)])),
  either('avif-overlay-of-5000', async () => {
    const data = Buffer.concat([Buffer.alloc(12), u32be(...SMALL), Buffer.alloc(5_000 * 8)])
    return heif([{ type: 'iovl', data, size: SMALL, reference: { type: 'dimg', to: Array<number>(5_000).fill(2) } }, await tile(64, 64)])
  }),
  either('avif-250-previews', async () => {
    const first = await tile(64, 64)
    return heif([first, ...Array.from({ length: 250 }, (): Item => ({ ...first, reference: { type: 'thmb', to: [1] } }))])
  }),
  either('avif-turned-and-cut', async () => {
    const first = await tile(64, 64)
    const cut = box('clap', u32be(0xffff_ffff, 1, 0x7fff_ffff, 1, 0x8000_0000, 1, 0, 0))
    return heif([{ ...first, properties: [...first.properties ?? [], cut, box('irot', Buffer.of(0xff)), box('imir', Buffer.of(1))] }])
  }),
  either('avif-place-outside-the-file', async () => {
    const bytes = heif([await tile(64, 64)])
    return patched(bytes, bytes.indexOf('iloc') + 18, u32be(0xffff_fff0, 0xffff_fff0))
  }),
  refused('avif-boxes-1000-deep', () => {
    let inner = box('free')
    for (let i = 0; i < 1_000; i++) inner = box('meta', Buffer.alloc(4), inner)
    return Buffer.concat([ftyp('avif', 'mif1', 'avif'), inner])
  }),
  refused('avif-box-without-end', () => Buffer.concat([ftyp('avif', 'mif1'), u32be(1), text('meta'), u32be(0xffff_ffff, 0xffff_ffff)])),
  refused('avif-sequence-without-frames', () => Buffer.concat([ftyp('avis', 'avif', 'msf1'), box('moov', box('mvhd', Buffer.alloc(100)))])),
  refused('avif-bomb-first-brand', async () => patched(await encoded(BOMB, BOMB), 8, text('avis'))),
  refused('avif-sequence-alone-with-a-bomb', () => Buffer.concat([ftyp('avis', 'avif', 'msf1'), box('moov', Buffer.alloc(1_000_000))])),
  ...[[], [0, 0, 0, 1], [0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], [1, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1, 255]].map((links, i) => either(`avif-links-cut-off-${i}`, async () => {
    const bytes = heif([{ ...await tile(64, 64), properties: [...(await tile(64, 64)).properties ?? [], nclx(9, 16)] }])
    return patched(bytes, bytes.indexOf('ipma') + 4, u8(...links))
  })),
  either('avif-colours-cut-off', async () => heif([{ ...await tile(64, 64), properties: [...(await tile(64, 64)).properties ?? [], box('colr', text('nclx')), box('colr')] }])),
  either('avif-100000-properties', async () => heif([{ ...await tile(64, 64), properties: [...(await tile(64, 64)).properties ?? [], ...Array<Buffer>(200).fill(nclx(9, 16)), box('free', Buffer.alloc(800_000))] }])),
  either('avif-shows-a-picture-that-is-not-there', async () => heif([await tile(64, 64)], { shown: 9 })),
  either('avif-shows-its-last-picture', async () => heif([await tile(64, 64), await tile(2_000, 2_000)], { shown: 2 })),
  refused('avif-only-a-beginning', () => ftyp('avif', 'mif1', 'miaf')),
  either('avif-other-brand-first', async () => heif([await tile(64, 64)], { brand: 'mif1' })),
  refused('avif-with-hevc-inside', async () => heif([{ ...await tile(64, 64), type: 'hvc1' }])),
  refused('avif-with-jpeg-inside', async () => heif([{ type: 'jpeg', data: await SAMPLES.jpeg(1), size: [120, 80] }])),
  refused('avif-with-pixels-inside', () => heif([{ type: 'unci', data: Buffer.alloc(12_288), size: SMALL }])),
  ...[[12_000, 16], [16, 12_000]].map(([width = 0, height = 0]) => either(`avif-aspect-${width}x${height}`, () => encoded(width, height))),
  ...[[16_000, 16], [16, 16_000]].map(([width = 0, height = 0]) => refused(`avif-aspect-${width}x${height}`, () => encoded(width, height))),
]
