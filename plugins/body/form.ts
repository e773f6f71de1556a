import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { AppError } from '../../src/core/errors.ts'
import type { Images } from '../../src/images/open.ts'
import type { ImageKind } from '../../src/images/formats.ts'
import type { StagedImage } from '../../src/images/stage.ts'
import type { Allowance } from './allowance.ts'
import { arrival, requireNothing } from './arrival.ts'
import { createGathered } from './gathered.ts'
import { createRoom } from './room.ts'
import { append, PARSED, textOf, unparsed } from './texts.ts'

/** What a form sent under each name, in the order it came; a file where no picture is expected is NOT_TEXT. */
export type Form = Map<string, (string | StagedImage | typeof NOT_TEXT)[]>

/** A value that fails every rule for texts. */
const NOT_TEXT = Symbol('a file')

const LONGEST_BOUNDARY = 70
const PARTS = 200
/** Boundaries, part headers, preamble. */
const FRAMING_BYTES = 64 * 1_024
/** How the bytes of a part may be said to be written: as they are (RFC 7578 §4.7). */
const VERBATIM: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary'])
const BOUNDARY = /boundary=(?:"([^"]*)"|([^;]*))/i

interface Options {
  images: Images
  /** The names whose files are pictures, and the byte limit of each. */
  pictures: ReadonlyMap<string, { kind: ImageKind, maxBytes: number }>
  /** What everything else may be. */
  allowance: Allowance
  /** How many milliseconds the body may take, whatever its size. */
  patience: number
  /** Told of the bytes of texts as they come; may throw. */
  onText: (bytes: number) => void
  /** The same, of pictures, before they are written. */
  onFile: (bytes: number) => void
  /** Told of every file the moment it is on the disk. */
  onStaged: (image: StagedImage) => void
}

/**
 * Reads a multipart body part by part; pictures stream to staging. Throws `parse_error` for anything that is not a whole
 * form, `too_large` past a limit.
 */
export async function readForm (request: FastifyRequest, { images, pictures, allowance, patience, onText, onFile, onStaged }: Options): Promise<Form> {
  const announced = announcedLength(request)
  const problem = problemOf(request.headers['content-type'] ?? '')
  if (problem !== undefined) {
    await requireNothing(request.raw, { announced, patience }, problem)
    return new Map()
  }
  const told = Object.fromEntries([...pictures.values()].map(({ kind, maxBytes }) => [kind, maxBytes]))
  const limit = [...pictures.values()].reduce((sum, { maxBytes }) => sum + maxBytes, allowance.total + FRAMING_BYTES)
  let current: Readable | undefined
  const { promise: failed, reject: fail } = Promise.withResolvers<never>()
  failed.catch((error: Error) => current?.destroy(error))
  let broken: unknown
  let hasCome = false
  arrival(request.raw, { limit, announced, patience, of: PARSED.multipart, pictures: told, onChunk: () => { hasCome = true } }).catch((error: unknown) => {
    broken = error
    fail(error)
  })

  // At its finest level the parser logs the headers, credentials and all.
  request.log = request.log.child({}, { redact: ['busboyOptions.headers'] })
  // Every part is read as a stream: the parser's own texts are cut at its limit and decoded with replacement characters.
  const parts = request.parts({ limits: { fileSize: Infinity, files: PARTS, parts: PARTS }, isPartAFile: () => true, throwFileSizeLimit: false } as object)
  const form: Form = new Map()
  const room = createRoom(allowance)

  try {
    for (;;) {
      const { done, value: part } = await Promise.race([parts.next(), failed])
      if (done === true) return form
      if (part.type !== 'file') continue
      current = part.file
      // A part may come without a name, whatever the parser's types say.
      const name = part.fieldname as string | undefined ?? ''
      hold(name.length)
      if (!VERBATIM.has(part.encoding.trim())) throw unparsed('multipart', `a part in Content-Transfer-Encoding ${part.encoding}`)
      const isFile = part.filename !== undefined || part.mimetype === 'application/octet-stream'
      const value = isFile ? await readFile(part.fieldname, part.file, part.filename) : await readText(name, part.file)
      if (value !== undefined && typeof part.fieldname === 'string') append(form, part.fieldname, value, 'multipart')
    }
  } catch (error) {
    // To the parser no bytes are a form that ends early, but they are none.
    if (!hasCome && request.raw.readableEnded) return form
    // The parser notices as well when a body ends early, and has other words for it.
    throw toFormError(broken ?? error)
  }

  async function readFile (name: string, file: Readable, filename: string | undefined): Promise<StagedImage | typeof NOT_TEXT | undefined> {
    const picture = pictures.get(name)
    if (picture === undefined) {
      for await (const _ of file) { /* counted where it arrives */ }
      return NOT_TEXT
    }
    const image = await images.stage(picture.kind, counted(file))
    onStaged(image)
    const isUntouchedInput = image.bytes === 0 && (filename ?? '') === ''
    return isUntouchedInput ? undefined : image
  }

  async function * counted (file: Readable): AsyncIterable<Buffer> {
    for await (const chunk of file as AsyncIterable<Buffer>) {
      onFile(chunk.length)
      yield chunk
    }
  }

  async function readText (name: string, part: Readable): Promise<string> {
    const gathered = createGathered()
    for await (const chunk of part as AsyncIterable<Buffer>) {
      hold(chunk.length, name)
      gathered.add(chunk)
    }
    return textOf(gathered.bytes(), 'multipart')
  }

  function hold (bytes: number, name?: string): void {
    room.take(bytes, name)
    onText(bytes)
  }
}

export function announcedLength (request: FastifyRequest): number | undefined {
  const length = request.headers['content-length']
  return length === undefined ? undefined : Number(length)
}

function problemOf (contentType: string): AppError | undefined {
  const match = BOUNDARY.exec(contentType)
  const boundary = match?.[1] ?? match?.[2]?.trim() ?? ''
  if (boundary !== '' && boundary.length <= LONGEST_BOUNDARY) return undefined
  return unparsed('multipart', `Invalid boundary in multipart: ${boundary === '' ? 'None' : boundary.slice(0, LONGEST_BOUNDARY)}`)
}

/** The parser's errors have no status; what is neither ours nor the disk's is the form's fault. */
function toFormError (error: unknown): unknown {
  if (error instanceof AppError) return error
  const { code = '', statusCode, message } = error as { code?: string, statusCode?: number, message: string }
  if (statusCode === 413) return new AppError('too_large', { params: { max: PARTS, unit: 'parts', least: PARTS + 1 }, cause: error })
  const isOurs = code !== '' && !code.startsWith('FST_')
  return isOurs ? error : unparsed('multipart', message, error)
}
