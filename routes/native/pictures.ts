import { Type } from '@sinclair/typebox'
import { ALT_MAX } from '../../src/core/fields/index.ts'
import type { Changes } from '../../src/core/fields/index.ts'
import type { PictureRow, Size } from '../../src/core/pictures/index.ts'
import { cuts as ofAll, cutsOf as ofAllOf } from '../cuts.ts'
import { nullable, withExample } from '../shapes.ts'

export interface Picture {
  url: string
  sizes: Record<string, string>
  width: number
  height: number
  blurhash: string
  color: string
  focus: string | null
  crop: string | null
  alt: string | null
  isAnimated: boolean
}

/** A picture with the addresses of all its sizes; null when there is none, or none that the reader may see. */
export const PictureSchema = Type.Unsafe<Picture | null>({
  ...Type.Object({
    url: Type.String(),
    sizes: Type.Record(Type.String(), Type.String(), { description: 'the smaller ones, by their width' }),
    width: Type.Integer(),
    height: Type.Integer(),
    blurhash: Type.String(),
    color: Type.String(),
    focus: nullable.string(),
    crop: nullable.string(),
    alt: nullable.string(),
    isAnimated: Type.Boolean(),
  }),
  title: 'Picture',
  type: ['object', 'null'],
})

/** `urlOf` says where the file of a size is. */
export function toPicture (picture: PictureRow | undefined, urlOf: (size: Size) => string): Picture | null {
  const main = picture?.files.find(({ size }) => size === 'main')
  if (picture === undefined || main === undefined) return null
  return {
    url: urlOf('main'),
    sizes: Object.fromEntries(picture.files.flatMap(({ size }) => size === 'main' ? [] : [[size, urlOf(size)]])),
    width: main.width,
    height: main.height,
    blurhash: picture.blurhash,
    color: picture.color,
    focus: picture.focus?.join(',') ?? null,
    crop: picture.crop?.join(',') ?? null,
    alt: picture.alt,
    isAnimated: picture.isAnimated,
  }
}

export const cuts = {
  avatarFocus: withExample(ofAll.avatar_focus, '0,0.2'),
  avatarCrop: ofAll.avatar_crop,
  coverFocus: withExample(ofAll.cover_focus, '0,0.2'),
}

const alt = () => withExample(Type.Unsafe<string | null>({
  type: ['string', 'null'],
  maxLength: ALT_MAX,
  format: 'lines',
  description: 'what the picture shows',
}), 'Ada at her desk')
export const alts = { avatarAlt: alt(), coverAlt: alt() }

type AltBody = { [K in keyof typeof alts]?: string | null | undefined }

/** What a body says of what pictures show. */
export function altsOf ({ avatarAlt, coverAlt }: AltBody): Pick<Changes, 'alts'> {
  const said = { ...avatarAlt !== undefined && { avatar: avatarAlt }, ...coverAlt !== undefined && { cover: coverAlt } }
  return Object.keys(said).length > 0 ? { alts: said } : {}
}

type CutBody = { [K in keyof typeof cuts]?: string | null | undefined }

/** What a body says of how pictures are cut; nothing when it says nothing. */
export const cutsOf = ({ avatarFocus, avatarCrop, coverFocus }: CutBody): Pick<Changes, 'cuts'> =>
  ofAllOf({ avatar_focus: avatarFocus, avatar_crop: avatarCrop, cover_focus: coverFocus })
