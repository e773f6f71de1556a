import type { FastifyContextConfig, FastifySchema } from 'fastify'
import { KEY_PATTERN } from '../../src/core/declarations.ts'
import type { Declared } from '../declared.ts'
import type { Property } from '../validation.ts'

const MEDIA_TYPES = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'] as const
type MediaType = (typeof MEDIA_TYPES)[number]

const SECURITY = {
  open: [],
  public: [{}, { bearer: [] }, { token: [] }],
  needed: [{ bearer: [] }, { token: [] }],
}

interface Body { type: 'object', properties: Record<string, Property>, required?: string[], declared?: Declared }

/** What the API document says of a route: one body schema for each media type, which credentials are needed, and whether If-Match is obeyed. */
export function documented (schema: FastifySchema | undefined, url: string, { access, isConditional }: Pick<FastifyContextConfig, 'access' | 'isConditional'> = {}): FastifySchema {
  const { body, params, ...rest } = schema ?? {}
  const names = [...url.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '')
  const said: object = {
    ...rest,
    operationId: operationId(rest),
    security: SECURITY[access ?? 'needed'],
    ...names.length > 0 && { params: { type: 'object', properties: Object.fromEntries(names.map((name) => [name, name === 'key' ? KEY : ID])), required: names } },
    ...isConditional && { headers: CONDITION },
    ...body !== undefined && { body: { content: contentOf(body as Body) } },
  }
  return said
}

const CONDITION = { type: 'object', properties: { 'If-Match': { type: 'string', description: 'the `ETag` of the account as it was read: 412 when it has changed since' } } }
const ID = { type: 'string', pattern: '^[1-9][0-9]{0,15}$' }
const KEY = { type: 'string', pattern: KEY_PATTERN }

function operationId ({ tags = [], summary = '' }: { tags?: readonly string[], summary?: string }): string {
  return [...tags, ...summary.toLowerCase().split(/\W+/)].map((word, i) => i === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

function contentOf (body: Body | { type: 'array' }): object {
  // A form cannot say a list.
  if (body.type === 'array') return { 'application/json': { schema: body } }
  return Object.fromEntries(MEDIA_TYPES.map((type) => [type, { schema: bodyFor(type, body) }]))
}

function bodyFor (type: MediaType, body: Body): object {
  const { properties, required, declared } = body
  // What JSON nests, forms write with a dot.
  const isNested = (property: Property) => type !== 'application/json' && property.declared !== undefined
  const [outer] = Object.entries(properties).filter(([, property]) => isNested(property)).map(([name, property]) => ({ ...property.declared, prefix: `${name}.` }))
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(properties).filter(([, property]) => !isNested(property)).map(([name, property]) => [name, propertyFor(type, property)])),
    ...(outer ?? declared) && { declared: outer ?? declared },
    ...required !== undefined && required.length > 0 && { required },
  }
}

function propertyFor (type: MediaType, { image, ...property }: Property): object {
  if (image?.base64) return { type: ['string', 'null'], description: '`image/png;base64,…`', contentEncoding: 'base64' }
  if (image !== undefined) return { ...PICTURE[type], ...property }
  const { format, ...rest } = property
  return format === undefined || OURS.has(format) ? rest : property
}

/** Formats that mean nothing to others. */
const OURS: ReadonlySet<string> = new Set(['text', 'focus', 'crop'])

const PICTURE: Record<MediaType, object> = {
  'application/json': { type: 'null', description: 'null removes the picture' },
  'application/x-www-form-urlencoded': { type: 'string', maxLength: 0, description: 'an empty text removes the picture' },
  'multipart/form-data': { type: 'string', format: 'binary', description: 'a JPEG, PNG, WebP, GIF or AVIF file; an empty text removes the picture' },
}
