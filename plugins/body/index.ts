import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../../src/config.ts'
import { AppError } from '../../src/core/errors.ts'
import type { ImageKind } from '../../src/images/formats.ts'
import type { StagedImage } from '../../src/images/stage.ts'
import { requireNothing } from './arrival.ts'
import { withDecoded } from './base64.ts'
import { createBudget } from './budget.ts'
import { createAllowances, fieldsOf } from './fields.ts'
import type { Fields, Schema } from './fields.ts'
import { announcedLength } from './form.ts'
import { openForms } from './multipart.ts'
import { onlyPictureOf } from './picture.ts'
import { createReading } from './reading.ts'
import { parseJson, parseUrlencoded } from './texts.ts'
import { listOf, unknownIn, valuesOf } from './values.ts'

const PATIENCE_MS = 10_000
/** Of bodies that are in memory at one time, of all requests together; each costs a few times its size. */
const MEMORY_BYTES = 64 * 1_024 ** 2
/** Of pictures that have come and wait to be judged. */
const DISK_BYTES = 1_024 ** 3

interface Options {
  config: Config
  /** How many milliseconds a body may be late. */
  patience?: number
  /** Bytes of pictures that may wait in staging. */
  disk?: number
}

declare module 'fastify' {
  interface FastifyInstance {
    /** A JSON value as if it had come as the body of a route that takes this schema: what a request then holds of it. Throws `invalid` for what is no object. */
    readAs: (schema: object, value: unknown) => Pick<FastifyRequest, 'body' | 'unknown' | 'validationError'>
  }
  interface FastifyContextConfig {
    fields?: Fields
    /** What the body names and the schema does not is told in `request.unknown`. */
    isStrict?: true
  }
  interface FastifyRequest {
    /** The names in the body that the route does not know; null where it is not strict. */
    unknown: readonly string[] | null
  }
}

/**
 * JSON, urlencoded and multipart all end in `request.body` as one plain object that holds the route's own fields and
 * nothing else, each in its schema's type; pictures are staged files. A route without a body schema reads one only to drop it.
 */
export default fp(async (app, { config, patience = PATIENCE_MS, disk = DISK_BYTES }: Options) => {
  const maxBytes: Record<ImageKind, number> = { avatar: config.avatarMaxBytes, cover: config.coverMaxBytes }
  const budget = { memory: createBudget(MEMORY_BYTES), disk: createBudget(disk) }
  const allowances = createAllowances(maxBytes)

  /** Requests whose body is a picture and nothing else. */
  const bare = new WeakSet<FastifyRequest>()

  app.decorateRequest('unknown', null)
  const forms = await openForms(app)
  const { read, stage, formOf } = createReading(app, { budget, allowances, forms, bare, patience })
  const refuseType = (request: FastifyRequest): Promise<void> =>
    requireNothing(request.raw, { announced: announcedLength(request), patience }, new AppError('unsupported_media_type', { params: { type: request.headers['content-type'] ?? '' } }))
  app.addContentTypeParser('*', refuseType)
  app.addContentTypeParser('application/json', async (request: FastifyRequest) => await read(request, 'json', parseJson))
  app.addContentTypeParser('application/merge-patch+json', async (request: FastifyRequest) =>
    request.routeOptions.config.isStrict ? await read(request, 'json', parseJson) : await refuseType(request))
  app.addContentTypeParser(/^image\//, async (request: FastifyRequest) => {
    const { fields, isStrict } = request.routeOptions.config
    if (!isStrict || fields === undefined || onlyPictureOf(fields) === undefined) return await refuseType(request)
    // Read where forms are: there what is held and staged is let go, however it ends.
    bare.add(request)
  })
  app.addContentTypeParser('application/x-www-form-urlencoded', async (request: FastifyRequest) => await read(request, 'urlencoded', parseUrlencoded))

  app.addHook('onRoute', (route) => {
    const body = route.schema?.body as Partial<Schema> | undefined
    if (body === undefined) return
    const fields = fieldsOf(body, maxBytes)
    route.config = { ...route.config, fields }
    const { json, urlencoded } = allowances(fields.schema)
    budget.memory.fit(Math.max(json.total, urlencoded.total))
    budget.disk.fit([...fields.files.values()].reduce((sum, { maxBytes }) => sum + maxBytes, 0))
  })

  app.decorate('readAs', (schema, value) => {
    const { properties } = app.withDeclared(schema as Schema)
    const [body, unknown] = [valuesOf(properties, value), unknownIn(properties, value)]
    const validate = app.validatorCompiler?.({ schema, method: '', url: '', httpPart: 'body' }) as ReturnType<NonNullable<FastifyInstance['validatorCompiler']>> & { errors?: object[] | null }
    if (validate(body)) return { body, unknown }
    return { body, unknown, validationError: Object.assign(new Error('invalid'), { validation: validate.errors, validationContext: 'body' }) }
  })

  // What has no body has no type either, whatever it says.
  app.addHook('preParsing', ({ raw }, _reply, payload, done) => {
    if (isBodiless(raw)) delete raw.headers['content-type']
    done(null, payload)
  })

  app.addHook('preValidation', async (request, reply) => {
    const { fields, isStrict } = request.routeOptions.config
    if (fields === undefined) return
    const staged: StagedImage[] = []
    const { properties } = app.withDeclared(fields.schema)
    const isStreamed = forms.has(request) || bare.has(request)
    try {
      const body = isStreamed ? await formOf(request, fields, staged) : request.body
      const values = fields.schema.type === 'array' && !isStreamed ? listOf(body) : valuesOf(properties, body)
      if (isStrict) request.unknown = unknownIn(properties, body)
      if (Array.isArray(values)) request.body = values
      else request.body = await withDecoded(values, fields, (kind, bytes) => stage(request, kind, bytes, staged))
    } finally {
      budget.memory.release(request)
      if (staged.length > 0 || isStreamed) {
        afterwards(reply, () => {
          budget.disk.release(request)
          for (const image of staged) void image.discard()
        })
      }
    }
  })

  // A body that failed, and one that another application's hook refused, never gets there.
  app.addHook('onSend', (request, _reply, payload, done) => {
    budget.memory.release(request)
    done(null, payload)
  })
}, { name: 'body', dependencies: ['core', 'limits', 'auth', 'declared'] })

const isBodiless = ({ headers }: IncomingMessage): boolean => headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0

/**
 * Once the answer is out, or the client has gone (then `onResponse` never fires), nobody will claim what is left in
 * staging. An edit that still runs has claimed its files, and removes them itself.
 */
function afterwards ({ raw }: FastifyReply, tidy: () => void): void {
  if (raw.closed || raw.destroyed || raw.writableFinished) tidy()
  else raw.once('finish', tidy).once('close', tidy)
}
