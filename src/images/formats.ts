import type { ImageFinding } from './errors.ts'
import { brands, isBmp, isSvg, startsWith } from './magic.ts'

export type ImageKind = 'avatar' | 'cover'
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif'

interface Format {
  /** The most pixels that one picture may have; decoders differ tenfold in what a pixel costs. */
  maxPixels: number
  /** The same for a progressive JPEG, which is held in memory whole. */
  maxPixelsProgressive?: number
  /** The same for a picture that is held whole and has samples of two bytes, four inks, or as a JPEG all of its colours. */
  maxPixelsHeavy?: number
  /** Whether an animation can stay one; of the others the first frame is kept. */
  isMoving?: true
  matches (head: Buffer): boolean
}

/** What is accepted, and how large: one table for sniffing, for judging and for telling people. */
export const FORMATS: Record<ImageFormat, Format> = {
  jpeg: {
    maxPixels: 50_000_000,
    maxPixelsProgressive: 25_000_000,
    maxPixelsHeavy: 16_000_000,
    matches: (head) => startsWith(head, 'ffd8ff')
  },
  png: {
    maxPixels: 25_000_000,
    maxPixelsHeavy: 12_000_000,
    matches: (head) => startsWith(head, '89504e470d0a1a0a')
  },
  webp: {
    maxPixels: 25_000_000,
    isMoving: true,
    matches: (head) => startsWith(head, '52494646........57454250')
  },
  gif: {
    maxPixels: 16_000_000,
    isMoving: true,
    matches: (head) => startsWith(head, '474946383761') || startsWith(head, '474946383961')
  },
  avif: {
    maxPixels: 8_000_000,
    maxPixelsHeavy: 5_000_000,
    matches: (head) => brands(head).some((brand) => brand === 'avif' || brand === 'avis')
  }
}

/** The longest side of a picture that is accepted, in pixels. */
export const MAX_SIDE = 12_000
/** The most frames of an animation that is accepted. */
export const MAX_PAGES = 500
/** How often a JPEG may go over its pixels; those of cameras and editors do so about ten times. */
export const MAX_SCANS = 100
/** Both sides of a published picture are at most this long. */
export const BOUNDS: Record<ImageKind, number> = { avatar: 1024, cover: 2048 }
/** The sizes that are made of each picture beside the main one: squares of an avatar by their side, covers by their width. */
export const SIZES: Record<ImageKind, readonly number[]> = { avatar: [64, 128, 256, 512], cover: [480, 960] }
/** A file of a picture: the whole of it, or one of the others. */
export type Size = 'main' | number
/** Every file of a picture, by its size: the main one first. */
export const allSizes = (kind: ImageKind): Size[] => ['main', ...SIZES[kind]]
/** What a file of a picture is called. */
export const fileName = (name: string, size: Size): string => size === 'main' ? `${name}.webp` : `${name}-${size}.webp`
/** What the pictures of a kind lie in: in stores, in addresses, in backups and exports. */
export const FOLDERS: Record<ImageKind, string> = { avatar: 'avatars', cover: 'covers' }
/** Where a file lies below what holds all pictures. */
export const pathOf = ({ kind, name, size }: { kind: ImageKind, name: string, size: Size }): string => `${FOLDERS[kind]}/${fileName(name, size)}`
/** The picture that a file is of, and in which size; undefined of what we call no file. */
export function parseFileName (file: string): { name: string, size: Size } | undefined {
  const [, name, size] = /^([0-9a-f]{32})(?:-(\d+))?\.webp$/.exec(file) ?? []
  return name === undefined ? undefined : { name, size: size === undefined ? 'main' : Number(size) }
}
/** Past either of these an animation is kept as its first frame: its frames, and the pixels of all of them. */
export const MAX_FRAMES = 200
export const MAX_FRAME_PIXELS = 8_000_000
/** So many bytes are enough to tell what a file is. */
export const HEAD_BYTES = 4096

const HEIC_BRANDS = /^(?:heic|heix|heim|heis|hevc|hevx|hevm|hevs)$/

// Recognised only so that the refusal can name them; the order matters for the two that share brands.
const REFUSED: [name: string, matches: (head: Buffer) => boolean][] = [
  ['HEIC', (head) => brands(head).some((brand) => HEIC_BRANDS.test(brand))],
  ['HEIF', (head) => brands(head).some((brand) => brand === 'mif1' || brand === 'msf1')],
  ['SVG', isSvg],
  ['TIFF', (head) => ['49492a00', '4d4d002a', '49492b00', '4d4d002b'].some((hex) => startsWith(head, hex))],
  ['BMP', isBmp],
  ['PDF', (head) => startsWith(head, '255044462d')],
  ['ICO', (head) => startsWith(head, '00000100..00')],
  ['JPEG XL', (head) => startsWith(head, 'ff0a') || startsWith(head, '0000000c4a584c200d0a870a')],
  ['JPEG 2000', (head) => startsWith(head, 'ff4fff51') || startsWith(head, '0000000c6a5020200d0a870a')]
]

/** What the first bytes say against a file; undefined when they are those of an accepted format. */
export function sniff (head: Buffer): ImageFinding | undefined {
  if (head.length === 0) return { code: 'empty_file' }
  if (Object.values(FORMATS).some((format) => format.matches(head))) return undefined
  const refused = REFUSED.find(([, matches]) => matches(head))
  return refused ? { code: 'unsupported_image', params: { format: refused[0] } } : { code: 'invalid_image' }
}

/** What begins like nothing that is known here. */
export const UNKNOWN = 'unknown'

/** What the first bytes are of: one of the names in the tables above. */
export function formatOf (head: Buffer): string {
  const named = [...Object.entries(FORMATS).map(([name, { matches }]) => [name, matches] as const), ...REFUSED]
  return named.find(([, matches]) => matches(head))?.[0] ?? UNKNOWN
}
