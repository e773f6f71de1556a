import { hash } from 'node:crypto'

type Json = Record<string, unknown>

const BELOW = '/v1/'
/** What the client sends and reads; forms say the same in another encoding. */
const MEDIA = new Set(['application/json', 'image/*'])
/** Keywords that no type is made of. */
const DROPPED = new Set(['example', 'examples', 'security', 'tags'])

/** What is in an OpenAPI document below `/v1`, without the encodings that the client does not use, and with each refusal once. */
export function nativePart (document: Json): Json {
  const { openapi, paths, components } = document as { openapi: unknown, paths: Json, components: { schemas: Json } }
  const schemas: Json = {}
  const responses: Json = {}
  const own = Object.entries(paths)
    .filter(([path]) => path.startsWith(BELOW))
    .map(([path, item]) => [path.replace(/\/$/, ''), Object.fromEntries(Object.entries(item as Json).map(([method, operation]) => [method, lean(operation as Json, responses)]))])

  function collect (value: unknown): void {
    for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (name in schemas) continue
      schemas[name] = property(components.schemas[name])
      collect(schemas[name])
    }
  }
  collect([own, responses])
  const sorted = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => a < b ? -1 : 1))
  return { openapi, info: { title: 'Visage', version: '1' }, paths: Object.fromEntries(own), components: { schemas: sorted, responses } }
}

/** By which a checked-in file says from what it was made. */
export const fingerprint = (part: Json): string => hash('sha256', JSON.stringify(part), 'hex')

function lean (operation: Json, shared: Json): Json {
  const kept = Object.entries(operation).filter(([key]) => !DROPPED.has(key))
  return Object.fromEntries(kept.map(([key, of]) => {
    if (key === 'requestBody') return [key, body(of as Json)]
    return [key, key === 'responses' ? Object.fromEntries(Object.entries(of as Json).map(([status, answer]) => [status, refusal(status, answer as Json, shared)])) : of]
  }))
}

function body ({ content, ...rest }: Json): Json {
  const used = Object.entries(content as Json).filter(([type]) => MEDIA.has(type))
  return { ...rest, content: Object.fromEntries(used.map(([type, media]) => [type, { schema: property((media as Json)['schema']) }])) }
}

function refusal (status: string, answer: Json, shared: Json): Json {
  if (status.startsWith('2')) return answer
  shared[status] ??= answer
  return JSON.stringify(shared[status]) === JSON.stringify(answer) ? { $ref: `#/components/responses/${status}` } : answer
}

/** Which fields are declared differs from one service to the next, and nobody's types may depend on it. */
function property (schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return schema
  return Object.fromEntries(Object.entries(schema).filter(([key, of]) => !DROPPED.has(key) || isSchema(of)).map(([key, of]) =>
    [key, key === 'attributes' ? { type: 'object', additionalProperties: true } : property(of)]))
}

/** A property of this name, and not the keyword. */
const isSchema = (of: unknown) => typeof of === 'object' && of !== null && !Array.isArray(of) && 'type' in of
