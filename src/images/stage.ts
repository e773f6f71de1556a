import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tooLarge, type ImageFinding } from './errors.ts'
import { drop, newName, type Log } from './staging.ts'
import { formatOf, HEAD_BYTES, sniff, UNKNOWN, type ImageKind } from './formats.ts'

interface Upload {
  kind: ImageKind
  bytes: number
  /** What its first bytes say it is. */
  format?: string
  /** Where the bytes are, or why they were not kept. */
  content: { file: string } | { finding: ImageFinding }
  log: Log
}

/** An upload that waits for its request to be judged. A class, so that no JSON value can pass for one. */
export class StagedImage {
  readonly kind: ImageKind
  readonly bytes: number
  readonly format: string
  readonly #content: Upload['content']
  readonly #log: Log
  #claims = 0
  #discarded = false

  constructor ({ kind, bytes, format = UNKNOWN, content, log }: Upload) {
    this.kind = kind
    this.bytes = bytes
    this.format = format
    this.#content = content
    this.#log = log
  }

  get content (): Upload['content'] {
    return this.#content
  }

  /** Whether nobody can claim it any more. */
  get isGone (): boolean {
    return this.#discarded
  }

  /** Keeps the file until release(), even when it is discarded meanwhile; false when it already was. */
  claim (): boolean {
    if (this.#discarded) return false
    this.#claims++
    return true
  }

  async release (): Promise<void> {
    this.#claims--
    await this.#tidy()
  }

  /** Nobody can claim the upload any more, and its file goes as soon as nobody holds it. Never throws. */
  async discard (): Promise<void> {
    this.#discarded = true
    await this.#tidy()
  }

  async #tidy (): Promise<void> {
    if (this.#discarded && this.#claims === 0 && 'file' in this.#content) await drop(this.#content.file, this.#log)
  }
}

interface Stage {
  folder: string
  kind: ImageKind
  maxBytes: number
  source: AsyncIterable<Uint8Array>
  log: Log
}

/** Reads the source to its end or to the limit. What does not begin like an accepted picture is not written. */
export async function stage ({ folder, kind, maxBytes, source, log }: Stage): Promise<StagedImage> {
  let bytes = 0
  async function * counted (): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      bytes += chunk.length
      if (bytes > maxBytes) throw tooLarge(kind, maxBytes, bytes)
      yield chunk
    }
  }
  const chunks = counted()
  const head = await take(chunks, HEAD_BYTES)
  // A chunk may hold far more than what tells a format, and looking through it takes time.
  const finding = sniff(head.subarray(0, HEAD_BYTES))
  if (finding) {
    for await (const _ of chunks);
    return new StagedImage({ kind, bytes, format: formatOf(head.subarray(0, HEAD_BYTES)), content: { finding }, log })
  }
  const file = join(folder, `${newName()}.up`)
  try {
    await writeFile(file, joined(head, chunks), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    await drop(file, log)
    throw error
  }
  return new StagedImage({ kind, bytes, format: formatOf(head.subarray(0, HEAD_BYTES)), content: { file }, log })
}

/** At least so many bytes, or all there are. By hand, because leaving a `for await` would end the source. */
async function take (chunks: AsyncGenerator<Uint8Array>, enough: number): Promise<Buffer> {
  const taken: Uint8Array[] = []
  for (let length = 0; length < enough;) {
    const { value, done } = await chunks.next()
    if (done) break
    taken.push(value)
    length += value.length
  }
  return Buffer.concat(taken)
}

async function * joined (head: Buffer, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head
  yield * rest
}
