import multipart from '@fastify/multipart'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../../src/config.ts'
import { AppError, refuse } from '../../src/core/errors.ts'
import type { Params } from '../../src/core/errors.ts'
import { typeOf } from '../../src/core/formats.ts'
import type { ImageKind } from '../../src/images/formats.ts'
import { StagedImage } from '../../src/images/stage.ts'
import { arrival } from './arrival.ts'
import { bytesOfBase64 } from './base64.ts'
import { createBudget } from './budget.ts'
import { announcedLength, readForm } from './form.ts'
import type { Form } from './form.ts'
import { parseJson, parseUrlencoded } from './texts.ts'
import { valuesOfForm, valuesOfJson } from './values.ts'
import type { Property } from '../validation.ts'

const TEXT_LIMIT = 1_024 ** 2
/** Percent-encoding makes a text up to this much longer. */
const URLENCODED_FACTOR = 4
const BASE64_FACTOR = 4 / 3
const PATIENCE_MS = 10_000

interface Schema { type?: string, properties: Record<string, Property> }

/** What a route's schema says of its body, worked out once. */
interface Fields {
  schema: Schema
  /** The names under which a form brings pictures as files. */
  files: ReadonlyMap<string, { kind: ImageKind, maxBytes: number }>
  /** The names under which pictures come as base64. */
  base64: ReadonlyMap<string, ImageKind>
  /** What each of those may be, in bytes, for whoever sends more. */
  told: Params
  /** Bytes of all texts; a picture in base64 is one of them. */
  textLimit: number
  urlencodedLimit: number
}

declare module 'fastify' {
  interface FastifyContextConfig { fields?: Fields }
}

/**
 * JSON, urlencoded and multipart all end in `request.body` as one plain object that holds the route's own fields and
 * nothing else, each in its schema's type; pictures are staged files. A route without a body schema reads one only to drop it.
 */
export default fp(async (app, { config, patience = PATIENCE_MS }: { config: Config, patience?: number }) => {
  const maxBytes: Record<ImageKind, number> = { avatar: config.avatarMaxBytes, cover: config.coverMaxBytes }
  const { images } = app.core
  const budget = createBudget()

  app.removeAllContentTypeParsers()
  await app.register(multipart)
  app.addContentTypeParser('application/json', async (request: FastifyRequest) => {
    const { fields } = request.routeOptions.config
    return await read(request, fields, 'textLimit', (bytes) => fields && parseJson(bytes))
  })
  app.addContentTypeParser('application/x-www-form-urlencoded', async (request: FastifyRequest) => {
    const { fields } = request.routeOptions.config
    return await read(request, fields, 'urlencodedLimit', (bytes) => fields && parseUrlencoded(bytes))
  })

  app.addHook('onRoute', (route) => {
    const body = route.schema?.body as Partial<Schema> | undefined
    if (body !== undefined) route.config = { ...route.config, fields: fieldsOf(body) }
  })

  app.addHook('preValidation', async (request, reply) => {
    const { fields } = request.routeOptions.config
    if (fields === undefined) {
      budget.release(request)
      return
    }
    const staged: StagedImage[] = []
    const { properties } = app.withDeclared(fields.schema)
    try {
      const values = request.isMultipart()
        ? valuesOfForm(properties, await formOf(request, fields, staged))
        : fields.schema.type === 'array' ? listOf(request.body) : valuesOf(properties, request.body)
      if (Array.isArray(values)) request.body = values
      else request.body = await withDecodedPictures(fields, values, staged)
    } finally {
      budget.release(request)
      tidyAfter(reply, staged)
    }
  })

  /** A body that is read holds its bytes until `preValidation` is done with them. */
  async function read<T> (request: FastifyRequest, fields: Fields | undefined, of: 'textLimit' | 'urlencodedLimit', parse: (bytes: Buffer) => T): Promise<T> {
    requireUncompressed(request)
    const chunks: Buffer[] = []
    const onChunk = (chunk: Buffer) => {
      budget.hold(request, chunk.length)
      chunks.push(chunk)
    }
    try {
      await arrival(request.raw, { limit: fields?.[of] ?? TEXT_LIMIT, announced: announcedLength(request), patience, ...fields && { pictures: fields.told }, onChunk })
      return parse(Buffer.concat(chunks))
    } catch (error) {
      budget.release(request)
      throw error
    }
  }

  function fieldsOf ({ properties = {}, ...said }: Partial<Schema>): Fields {
    const schema = { ...said, properties }
    const pictures = Object.entries(properties).flatMap(([name, { image }]) => image === undefined ? [] : [{ name, ...image }])
    const base64 = new Map(pictures.filter((picture) => picture.base64).map(({ name, kind }) => [name, kind]))
    const files = new Map(pictures.filter((picture) => !picture.base64).map(({ name, kind }) => [name, { kind, maxBytes: maxBytes[kind] }]))
    const told = Object.fromEntries([...base64.values()].map((kind) => [kind, maxBytes[kind]]))
    const digits = Math.ceil([...base64.values()].reduce((sum, kind) => sum + maxBytes[kind], 0) * BASE64_FACTOR)
    return { schema, files, base64, told, textLimit: TEXT_LIMIT + digits, urlencodedLimit: TEXT_LIMIT * URLENCODED_FACTOR + digits }
  }

  async function formOf (request: FastifyRequest, { files, textLimit }: Fields, staged: StagedImage[]): Promise<Form> {
    requireUncompressed(request)
    if (announcedLength(request) === 0) return new Map()
    return await readForm(request, { images, pictures: files, textLimit, patience, onText: (bytes) => budget.hold(request, bytes), onStaged: (image) => staged.push(image) })
  }

  async function withDecodedPictures ({ base64, files }: Fields, values: Record<string, unknown>, staged: StagedImage[]) {
    for (const [name, kind] of base64) {
      const value = values[name]
      const bytes = typeof value === 'string' ? bytesOfBase64(value) : undefined
      if (bytes === undefined) continue
      const image = await images.stage(kind, bytes)
      staged.push(image)
      // Beside a file for the same picture it is one too many, and a list is what no picture may be.
      const rival = [...files].find(([other, file]) => file.kind === kind && values[other] instanceof StagedImage)
      values[name] = rival === undefined ? image : [values[rival[0]], image]
    }
    return values
  }
}, { name: 'body', dependencies: ['core', 'auth', 'declared'] })

/** Nothing here unpacks: what is small on the wire could be without end. */
function requireUncompressed ({ headers }: FastifyRequest): void {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') throw new AppError('unsupported_media_type', { params: { type: encoding } })
}

/** A list comes as JSON; what a form says is none. */
function listOf (body: unknown): unknown[] {
  if (!Array.isArray(body)) refuse([{ field: null, code: 'not_a_list', params: { type: body instanceof Map ? 'object' : typeOf(body ?? null) } }])
  return body as unknown[]
}

function valuesOf (properties: Record<string, Property>, body: unknown): Record<string, unknown> {
  if (body === undefined) return {}
  if (body instanceof Map) return valuesOfForm(properties, body as Form)
  if (body === null) refuse([{ field: null, code: 'no_data' }])
  if (typeof body !== 'object' || Array.isArray(body)) refuse([{ field: null, code: 'not_an_object', params: { type: typeOf(body) } }])
  return valuesOfJson(properties, body as object)
}

/**
 * Once the answer is out, or the client has gone (then `onResponse` never fires), nobody will claim what is left in
 * staging. An edit that still runs has claimed its files, and removes them itself.
 */
function tidyAfter (reply: FastifyReply, staged: readonly StagedImage[]): void {
  if (staged.length === 0) return
  const tidy = () => { for (const image of staged) void image.discard() }
  if (reply.raw.closed || reply.raw.destroyed || reply.raw.writableFinished) tidy()
  else reply.raw.once('finish', tidy).once('close', tidy)
}
