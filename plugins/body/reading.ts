import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../../src/core/errors.ts'
import type { ImageKind } from '../../src/images/formats.ts'
import type { StagedImage } from '../../src/images/stage.ts'
import { IGNORED_BYTES } from './allowance.ts'
import type { Allowance, Encoding } from './allowance.ts'
import { arrival } from './arrival.ts'
import type { createBudget } from './budget.ts'
import type { createAllowances, Fields } from './fields.ts'
import { announcedLength, readForm } from './form.ts'
import type { Form } from './form.ts'
import { createGathered } from './gathered.ts'
import type { openForms } from './multipart.ts'
import { readPicture } from './picture.ts'
import { createRoom } from './room.ts'
import type { Room } from './room.ts'
import { PARSED } from './texts.ts'

type Budget = ReturnType<typeof createBudget>

interface Needs {
  budget: { memory: Budget, disk: Budget }
  allowances: ReturnType<typeof createAllowances>
  forms: Awaited<ReturnType<typeof openForms>>
  /** Requests whose body is a picture and nothing else. */
  bare: WeakSet<FastifyRequest>
  /** How many milliseconds a body may be late. */
  patience: number
}

/** How bodies come in: texts in memory and pictures to staging, each within what all of them may hold together. */
export function createReading (app: FastifyInstance, { budget, allowances, forms, bare, patience }: Needs) {
  const { images } = app.core

  /** A body that is read holds its bytes until `preValidation` is done with them; one that nobody asked for is let go as it comes. */
  async function read (request: FastifyRequest, encoding: Exclude<Encoding, 'multipart'>, parse: (bytes: Buffer, room: Room) => unknown): Promise<unknown> {
    requireUncompressed(request)
    const { fields } = request.routeOptions.config
    const announced = announcedLength(request)
    if (fields === undefined) {
      // Held back by `Expect: 100-continue`, it need not even be sent to be dropped.
      if (request.raw.listenerCount('wanted') > 0) return undefined
      await arrival(request.raw, { limit: IGNORED_BYTES, announced, patience, of: PARSED[encoding] })
      return undefined
    }
    const allowance = allowances(app.withDeclared(fields.schema))[encoding]
    const gathered = createGathered()
    const hold = holder(request, allowance)
    const onChunk = (chunk: Buffer) => {
      hold(chunk.length)
      gathered.add(chunk)
    }
    await arrival(request.raw, { limit: allowance.total, announced, patience, of: PARSED[encoding], pictures: fields.told, onChunk })
    return parse(gathered.bytes(), createRoom(allowance))
  }

  /** Counts bytes that are kept in memory. What is more than texts may be is pictures, of which one may have sent too many already. */
  function holder (request: FastifyRequest, { texts }: Allowance): (bytes: number) => void {
    let held = 0
    return (bytes) => {
      held += bytes
      if (held > texts) app.limitUpload(request)
      budget.memory.hold(request, bytes)
    }
  }

  async function stage (request: FastifyRequest, kind: ImageKind, bytes: AsyncIterable<Uint8Array>, staged: StagedImage[]): Promise<StagedImage> {
    app.limitUpload(request)
    const image = await images.stage(kind, bytes)
    staged.push(image)
    budget.disk.hold(request, image.bytes)
    return image
  }

  async function formOf (request: FastifyRequest, fields: Fields, staged: StagedImage[]): Promise<Form> {
    requireUncompressed(request)
    const streamed = {
      images,
      patience,
      onFile (bytes: number) {
        app.limitUpload(request)
        budget.disk.hold(request, bytes)
      },
      onStaged: (image: StagedImage) => staged.push(image),
    }
    if (bare.has(request)) return await readPicture(request, { ...streamed, fields })
    const { multipart: allowance } = allowances(app.withDeclared(fields.schema))
    const options = { ...streamed, pictures: fields.files, allowance, onText: holder(request, allowance) }
    return await forms.reading(request, () => readForm(request, options))
  }

  return { read, stage, formOf }
}

/** Nothing here unpacks: what is small on the wire could be without end. */
function requireUncompressed ({ headers }: FastifyRequest): void {
  const { 'content-encoding': encoding = '' } = headers
  const isPlain = encoding.split(',').every((coding) => ['', 'identity'].includes(coding.trim().toLowerCase()))
  if (!isPlain) throw new AppError('unsupported_media_type', { params: { type: encoding } })
}
