import type { FastifyInstance } from 'fastify'

/** The API document of a service, with every named schema in the places that refer to it. */
export async function documentOf<D> (app: FastifyInstance): Promise<D> {
  const document = (await app.inject('/openapi.json')).json<{ components: { schemas: Record<string, object> } }>()
  // The same object wherever a name stands: validators know it again.
  const named = new Map<string, unknown>()
  const resolved = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(resolved)
    const { $ref } = value as { $ref?: string }
    if ($ref !== undefined) {
      if (!named.has($ref)) named.set($ref, resolved(document.components.schemas[$ref.replace('#/components/schemas/', '')]))
      return named.get($ref)
    }
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner)]))
  }
  return resolved(document) as D
}
