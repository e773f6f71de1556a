import multipart from '@fastify/multipart'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../../src/config.ts'
import { refuse } from '../../src/core/errors.ts'
import { typeOf } from '../../src/core/formats.ts'
import type { ImageKind } from '../../src/images/formats.ts'
import { StagedImage } from '../../src/images/stage.ts'
import { arrival } from './arrival.ts'
import { bytesOfBase64 } from './base64.ts'
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

type Properties = Record<string, Property>

/**
 * JSON, urlencoded and multipart all end in `request.body` as one plain object that holds the route's own fields and
 * nothing else, each in its schema's type; pictures are staged files. A route without a body schema reads no body.
 */
export default fp(async (app, { config, patience = PATIENCE_MS }: { config: Config, patience?: number }) => {
  const maxBytes: Record<ImageKind, number> = { avatar: config.avatarMaxBytes, cover: config.coverMaxBytes }
  const { images } = app.core

  app.removeAllContentTypeParsers()
  await app.register(multipart)
  app.addContentTypeParser('application/json', async (request: FastifyRequest) => {
    const bytes = await read(request, TEXT_LIMIT + base64Limit(request), patience)
    return hasFields(request) ? parseJson(bytes) : undefined
  })
  app.addContentTypeParser('application/x-www-form-urlencoded', async (request: FastifyRequest) => {
    const bytes = await read(request, TEXT_LIMIT * URLENCODED_FACTOR + base64Limit(request), patience)
    return hasFields(request) ? parseUrlencoded(bytes) : undefined
  })

  app.addHook('preValidation', async (request, reply) => {
    const properties = propertiesOf(request)
    if (properties === undefined) return
    const staged: StagedImage[] = []
    try {
      const values = request.isMultipart()
        ? valuesOfForm(properties, await formOf(request, properties, staged))
        : valuesOf(properties, request.body)
      request.body = await withDecodedPictures(properties, values, staged)
    } finally {
      tidyAfter(reply, staged)
    }
  })

  function base64Limit (request: FastifyRequest): number {
    const kinds = Object.values(propertiesOf(request) ?? {}).filter(({ image }) => image?.base64).map(({ image }) => maxBytes[image?.kind as ImageKind])
    return Math.ceil(kinds.reduce((sum, bytes) => sum + bytes, 0) * BASE64_FACTOR)
  }

  async function formOf (request: FastifyRequest, properties: Properties, staged: StagedImage[]): Promise<Form> {
    if (announcedLength(request) === 0) return new Map()
    const pictures = new Map(Object.entries(properties).flatMap(([name, { image }]) =>
      image === undefined || image.base64 ? [] : [[name, { kind: image.kind, maxBytes: maxBytes[image.kind] }] as const]))
    // A picture may come as base64 in a form as well, and then it is a text.
    const textLimit = TEXT_LIMIT + base64Limit(request)
    return await readForm(request, { images, pictures, textLimit, patience, onStaged: (image) => staged.push(image) })
  }

  async function withDecodedPictures (properties: Properties, values: Record<string, unknown>, staged: StagedImage[]) {
    for (const [name, { image }] of Object.entries(properties)) {
      const value = values[name]
      const bytes = image?.base64 && typeof value === 'string' ? bytesOfBase64(value) : undefined
      if (image === undefined || bytes === undefined) continue
      const file = await images.stage(image.kind, bytes)
      staged.push(file)
      // Beside a file for the same picture it is one too many, and a list is what no picture may be.
      const rival = Object.keys(properties).find((other) => other !== name && properties[other]?.image?.kind === image.kind)
      const isSecond = rival !== undefined && values[rival] instanceof StagedImage
      values[name] = isSecond ? [values[rival], file] : file
    }
    return values
  }
}, { name: 'body', dependencies: ['core', 'auth'] })

function propertiesOf (request: FastifyRequest): Properties | undefined {
  return (request.routeOptions.schema?.body as { properties?: Properties } | undefined)?.properties
}

const hasFields = (request: FastifyRequest): boolean => propertiesOf(request) !== undefined

async function read (request: FastifyRequest, limit: number, patience: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  await arrival(request.raw, { limit, announced: announcedLength(request), patience, onChunk: (chunk) => chunks.push(chunk) })
  return Buffer.concat(chunks)
}

function valuesOf (properties: Properties, body: unknown): Record<string, unknown> {
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
