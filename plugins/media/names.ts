import { FOLDERS, pathOf, SIZES } from '../../src/images/formats.ts'
import type { ImageKind } from '../../src/images/formats.ts'
import type { PictureFile } from '../../src/images/store/index.ts'

/** A file of a published picture, as an address names it. */
export interface Named extends PictureFile {
  /** Below the folder of all pictures; made of nothing but what the pattern allows. */
  file: string
  /** What stands behind the `?`. */
  query: string
}

const KINDS = new Map((['avatar', 'cover'] as const).map((kind): [string, ImageKind] => [FOLDERS[kind], kind]))
const FILE = /^\/(avatars|covers)\/([0-9a-f]{32})(?:-([1-9]\d{1,3}))?\.webp(?:\?(.*))?$/s

/** What an address below `/media` names; undefined for anything that was never the address of a picture. */
export function namedBy (url: string): Named | undefined {
  const [, folder = '', name = '', digits, query = ''] = FILE.exec(url) ?? []
  const kind = KINDS.get(folder)
  const size = digits === undefined ? 'main' : Number(digits)
  if (kind === undefined || (size !== 'main' && !SIZES[kind].includes(size))) return undefined
  return { kind, name, size, file: pathOf({ kind, name, size }), query }
}
