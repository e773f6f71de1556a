import type { FastifyContextConfig, FastifySchema } from 'fastify'
import { KEY_PATTERN } from '../../src/core/fields/declarations.ts'
import type { Declared } from '../declared.ts'
import type { Property } from '../validation.ts'
import { meaning } from './responses.ts'

const MEDIA_TYPES = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'] as const
type MediaType = (typeof MEDIA_TYPES)[number]

const SECURITY = {
  open: [],
  public: [{}, { bearer: [] }, { token: [] }],
  needed: [{ bearer: [] }, { token: [] }],
}

type Example = Record<string, unknown>
type Shown = Property & { examples?: unknown[] }
interface Body { type: 'object', title?: string, properties: Record<string, Shown>, required?: string[], declared?: Declared, examples?: Example[] }

/** What the API document says of a route: one body schema for each media type, which credentials are needed, and whether If-Match is obeyed. */
export function documented (schema: FastifySchema | undefined, url: string, { access, isConditional }: Pick<FastifyContextConfig, 'access' | 'isConditional'> = {}): FastifySchema {
  if (schema?.hide === true) return schema
  const { body, params, response, ...rest } = schema ?? {}
  const names = [...url.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '')
  const said: object = {
    ...rest,
    operationId: rest.operationId ?? operationId(rest),
    security: SECURITY[access ?? 'needed'],
    ...names.length > 0 && { params: { type: 'object', properties: Object.fromEntries(names.map((name) => [name, name === 'key' ? KEY : ID])), required: names } },
    ...isConditional && { headers: CONDITION },
    ...body !== undefined && { body: { content: contentOf(body as Body) } },
    ...response !== undefined && { response: meaning(response as Record<string, object>) },
  }
  return said
}

const CONDITION = { type: 'object', properties: { 'If-Match': { type: 'string', description: 'the `ETag` of the account as it was read: 412 when it has changed since' } } }
const ID = { type: 'string', pattern: '^[1-9][0-9]{0,15}$', examples: ['1'] }
const KEY = { type: 'string', pattern: KEY_PATTERN, examples: ['shoe_size'] }

function operationId ({ tags = [], summary = '' }: { tags?: readonly string[], summary?: string }): string {
  return [...tags, ...summary.toLowerCase().split(/\W+/)].map((word, i) => i === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

function contentOf (body: Body | { type: 'array', maxBytes?: number }): object {
  // A form cannot say a list.
  if (body.type === 'array') {
    const { maxBytes: _, ...schema } = body
    return { 'application/json': { schema } }
  }
  // A file that must come can come in a form, or by itself.
  if (body.required?.some((name) => body.properties[name]?.image !== undefined)) {
    return { 'image/*': { schema: { type: 'string', format: 'binary' } }, 'multipart/form-data': { schema: bodyFor('multipart/form-data', body) } }
  }
  return Object.fromEntries(named(MEDIA_TYPES.map((type) => [type, bodyFor(type, body)])).map(([type, schema]) => [type, { schema }]))
}

/** Each body under the name of its schema, and of what kind it is where it differs from the one before. */
function named (bodies: [MediaType, Body][]): [MediaType, Body][] {
  const texts = bodies.map(([, body]) => JSON.stringify(body))
  return bodies.map(([type, { title, ...body }], i) => {
    const first = texts.indexOf(texts[i] as string)
    return [type, { ...title !== undefined && { title: `${title}${KINDS[MEDIA_TYPES[first] as MediaType]}` }, ...body }]
  })
}

const KINDS: Record<MediaType, string> = { 'application/json': '', 'application/x-www-form-urlencoded': 'Form', 'multipart/form-data': 'Multipart' }

function bodyFor (type: MediaType, body: Body): Body {
  const { title, properties, required = [], declared } = body
  const example = exampleOf(body)
  // What JSON nests, forms write with a dot.
  const isNested = (property: Property) => type !== 'application/json' && property.declared !== undefined
  const [outer] = Object.entries(properties).filter(([, property]) => isNested(property)).map(([name, property]) => ({ ...property.declared, prefix: `${name}.` }))
  const mark = (outer ?? declared) as Declared | undefined
  return {
    type: 'object',
    ...title !== undefined && { title },
    properties: Object.fromEntries(Object.entries(properties).filter(([, property]) => !isNested(property)).map(([name, property]) => [name, propertyFor(type, property, name in example)])),
    ...mark && { declared: mark },
    ...required.length > 0 && { required },
    examples: [example],
  }
}

/** A body that can be sent as it stands: the schema's own, or all properties that have an example. */
function exampleOf ({ properties, examples }: Body): Example {
  const shown = Object.entries(properties).flatMap(([name, property]) => property.examples === undefined ? [] : [[name, property.examples[0]] as const])
  return examples?.[0] ?? Object.fromEntries(shown)
}

/** What is no part of the body's example goes without its own: the documentation fills in a form with all that have one, and sends it. */
function propertyFor (type: MediaType, { image, examples, ...property }: Shown, isShown: boolean): Shown {
  const { format, ...rest } = property
  const shown = isShown && examples && { examples }
  if (image?.base64) return { ...BASE64, ...shown }
  if (image !== undefined) return { ...PICTURE[type], ...property }
  return { ...format === undefined || OURS.has(format) ? rest : property, ...shown }
}

/** Formats that mean nothing to others. */
const OURS: ReadonlySet<string> = new Set(['text', 'lines', 'phone', 'focus', 'crop'])

const BASE64 = { type: ['string', 'null'], description: '`image/png;base64,…`' }
const PICTURE: Record<MediaType, object> = {
  'application/json': { type: 'null', description: 'null removes the picture' },
  'application/x-www-form-urlencoded': { type: 'string', maxLength: 0, description: 'an empty text removes the picture' },
  'multipart/form-data': { type: 'string', format: 'binary', description: 'a JPEG, PNG, WebP, GIF or AVIF file; an empty text removes the picture' },
}
