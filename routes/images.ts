import { Type } from '@sinclair/typebox'
import type { PictureRow, Size } from '../src/core/pictures/index.ts'

const FileSchema = Type.Object({
  url: Type.String(),
  width: Type.Integer(),
  height: Type.Integer(),
  bytes: Type.Integer(),
}, { title: 'ImageFile' })

/** A picture with all its sizes, in the words of all families; null when there is none, or none that the reader may see. */
const ImageSchema = Type.Unsafe<Image | null>({
  ...Type.Object({
    main: FileSchema,
    sizes: Type.Array(Type.Object({ size: Type.Integer(), ...FileSchema.properties }, { title: 'ImageSize' })),
    blurhash: Type.String(),
    color: Type.String(),
    animated: Type.Boolean(),
    focus: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
    crop: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
    source_width: Type.Integer(),
    source_height: Type.Integer(),
  }),
  title: 'Image',
  // A union of types, which the serializer is fastest with.
  type: ['object', 'null'],
})

export const ImagesSchema = Type.Object({ avatar: ImageSchema, cover: ImageSchema }, { title: 'Images', description: 'The pictures in all their sizes; null where there is none that may be seen.' })

export interface WireFile { url: string, width: number, height: number, bytes: number }
export interface Image {
  main: WireFile
  sizes: (WireFile & { size: number })[]
  blurhash: string
  color: string
  animated: boolean
  focus: string | null
  crop: string | null
  source_width: number
  source_height: number
}

type Pictures = Record<'avatar' | 'cover', PictureRow | undefined>

/** `urlOf` says where the file of a size is. */
export function toImages ({ avatar, cover }: Pictures, urlOf: (kind: 'avatar' | 'cover', size: Size) => string) {
  return { avatar: toImage(avatar, (size) => urlOf('avatar', size)), cover: toImage(cover, (size) => urlOf('cover', size)) }
}

function toImage (picture: PictureRow | undefined, urlOf: (size: Size) => string): Image | null {
  const main = picture?.files.find(({ size }) => size === 'main')
  if (picture === undefined || main === undefined) return null
  const wire = ({ size, width, height, bytes }: PictureRow['files'][number]): WireFile => ({ url: urlOf(size), width, height, bytes })
  return {
    main: wire(main),
    sizes: picture.files.flatMap((file) => file.size === 'main' ? [] : [{ size: file.size, ...wire(file) }]),
    blurhash: picture.blurhash,
    color: picture.color,
    animated: picture.isAnimated,
    focus: picture.focus?.join(',') ?? null,
    crop: picture.crop?.join(',') ?? null,
    source_width: picture.sourceWidth,
    source_height: picture.sourceHeight,
  }
}
