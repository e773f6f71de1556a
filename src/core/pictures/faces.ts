import type { Database, UserRow } from '../../db/index.ts'
import type { ImageKind, Size } from '../../images/formats.ts'
import type { Images } from '../../images/open.ts'
import { FIELDS } from '../fields/index.ts'
import { isSeen } from '../fields/visibility.ts'
import { toId } from '../formats.ts'
import { isStorable } from '../../texts/storable.ts'

/** How somebody is shown to everybody. */
export interface Face {
  /** Their picture, where everybody may see it; `tag` changes whenever the bytes do, which are null when the reader has them. */
  picture: { bytes: Buffer | null, tag: string } | null
  /** What they are called, for the initials of who has no picture; empty where only a hash or a number is known. */
  name: string
  /** What belongs to them alone, to draw them in their own colour. */
  seed: string
}

/** Who is looked for, in which size, and which tags the reader has already. */
export interface Wanted { kind: ImageKind, who: string, size: Size, isKnown: (tag: string) => boolean }

interface Found { picture: string | null, name: string, seed: string }

interface Needs {
  db: Database
  images: Images
  byMd5: boolean
  /** No picture may be seen by everybody, whatever its owner says. */
  isPrivate: boolean
}

const SHA256 = /^[0-9a-f]{64}$/i
const MD5 = /^[0-9a-f]{32}$/i
const DIGITS = /^\d+$/

/** The pictures that everybody may see, by whom they show. */
export function createFaces ({ db, images, byMd5, isPrivate }: Needs) {
  /**
   * A name that looks like a hash is never taken for a username, whether hashes of that kind count or not: or else somebody could
   * call themselves by the hash of another's address, and be shown in their place. For the same reason digits are an id.
   */
  async function find (kind: ImageKind, who: string): Promise<Found> {
    if (SHA256.test(who) || MD5.test(who)) return await findByHash(kind, who.toLowerCase())
    const id = toId(who)
    const row = id !== undefined ? await db.read.users.findRow(id) : isStorable(who) ? await db.read.users.findByUsername(who) : undefined
    // Whoever has hidden the picture is as unknown as nobody, and nothing of the account is told.
    if (row === undefined || !isPublic(row, kind)) return { picture: null, name: DIGITS.test(who) ? '' : who, seed: `name ${who.toLowerCase()}` }
    return { picture: isPrivate ? null : row[kind], name: nameOf(row), seed: `id ${row.id}` }
  }

  /** Of whoever is not to be found, nothing is read that nobody's address would not have read as well. */
  async function findByHash (kind: ImageKind, digest: string): Promise<Found> {
    const algorithm = SHA256.test(digest) ? 'sha256' : 'md5'
    const id = !isPrivate && kind === 'avatar' && (algorithm === 'sha256' || byMd5) ? await db.read.faces.find(algorithm, digest) : undefined
    const row = id === undefined ? undefined : await db.read.users.findRow(id)
    const isFound = row !== undefined && row.isFoundByEmail && row.emailConfirmed && isPublic(row, 'avatar')
    return { picture: isFound ? row.avatar : null, name: '', seed: `hash ${digest}` }
  }

  async function look (wanted: Wanted, tries: number): Promise<Face> {
    const { kind, who, size, isKnown } = wanted
    const { picture, name, seed } = await find(kind, who)
    if (picture === null) return { picture, name, seed }
    const tag = `${picture}-${size}`
    if (isKnown(tag) && await images.inspection.has(kind, picture, size)) return { picture: { bytes: null, tag }, name, seed }
    const file = await images.read(kind, picture, size)
    if (file !== undefined) return { picture: { bytes: file.bytes, tag: `${picture}-${file.size}` }, name, seed }
    return tries > 1 ? await look(wanted, tries - 1) : { picture: null, name, seed }
  }

  return {
    /** By id, by username, or by the hash of an address. Everybody has a face, whether they exist or not. */
    // A picture can be replaced between its row and its file, so whoever has one is looked for twice.
    of: (wanted: Wanted): Promise<Face> => look(wanted, 2),
  }
}

const isPublic = ({ visibility }: UserRow, field: 'avatar' | 'cover' | 'realName'): boolean =>
  isSeen('public', FIELDS[field].read, visibility[field])

const nameOf = (row: UserRow): string => (isPublic(row, 'realName') && row.realName.trim()) || row.username
