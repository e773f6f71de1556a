import { PassThrough } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import type { Images } from '../../src/images/open.ts'
import type { StagedImage } from '../../src/images/stage.ts'
import { arrival } from './arrival.ts'
import type { Fields } from './fields.ts'
import { announcedLength } from './form.ts'
import type { Form } from './form.ts'

interface Options {
  images: Images
  /** What the route takes: one picture, under this name. */
  fields: Fields
  /** How many milliseconds the body may be late. */
  patience: number
  /** Told of the bytes as they come; may throw. */
  onFile: (bytes: number) => void
  /** Told of the file the moment it is on the disk. */
  onStaged: (image: StagedImage) => void
}

/** The name and kind of the one picture that a route takes, which can come without a form around it; undefined where there is none, or several. */
export const onlyPictureOf = ({ files }: Fields): [name: string, { kind: StagedImage['kind'], maxBytes: number }] | undefined => files.size === 1 ? [...files][0] : undefined

/** Streams a body that is a picture, and nothing else, to staging: as a form with that one file. Throws `too_large`, `request_timeout`, `parse_error`. */
export async function readPicture (request: FastifyRequest, { images, fields, patience, onFile, onStaged }: Options): Promise<Form> {
  const [name, { kind, maxBytes }] = onlyPictureOf(fields) ?? ['', { kind: 'avatar', maxBytes: 0 }]
  const { raw } = request
  const bytes = new PassThrough()
  // A disk that is slower than the client holds the client back.
  bytes.on('drain', () => raw.resume())
  const arrived = arrival(raw, {
    limit: maxBytes,
    announced: announcedLength(request),
    patience,
    of: 'Picture',
    pictures: { [kind]: maxBytes },
    onChunk (chunk) {
      onFile(chunk.length)
      if (!bytes.write(chunk)) raw.pause()
    },
  })
  arrived.then(() => bytes.end(), (error: Error) => bytes.destroy(error))
  const [staged, whole] = await Promise.allSettled([images.stage(kind, bytes), arrived])
  if (staged.status === 'fulfilled') onStaged(staged.value)
  if (whole.status === 'rejected') throw whole.reason
  if (staged.status === 'rejected') throw staged.reason
  return new Map([[name, [staged.value]]])
}
