type Schemas = Record<string, object>
interface Document { paths?: object, components?: { schemas?: Schemas } }

/** A title that is a name, like `StaffUser`, and not a heading. The labels of declared fields come in later. */
const NAME = /^[A-Z][A-Za-z]+$/
/** Values as they are sent, not schemas. */
const VALUES: ReadonlySet<string> = new Set(['example', 'examples', 'enum'])

/** The document with each schema that has a name once, under `components.schemas`: what is generated from it has that name. Throws where two schemas share one. */
export function withNames<D extends Document> (document: D): D {
  const schemas: Schemas = {}
  const texts = new Map<string, string>()

  function moved (value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(moved)
    const { title, ...schema } = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, VALUES.has(key) ? inner as unknown : moved(inner)]))
    if (typeof title !== 'string' || !NAME.test(title)) return title === undefined ? schema : { title, ...schema }
    const text = JSON.stringify(schema)
    if ((texts.get(title) ?? text) !== text) throw new Error(`two schemas are called ${title}`)
    texts.set(title, text)
    schemas[title] = schema
    return { $ref: `#/components/schemas/${title}` }
  }

  const paths = moved(document.paths) as object
  const sorted = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => a < b ? -1 : 1))
  return { ...document, paths, components: { ...document.components, schemas: { ...document.components?.schemas, ...sorted } } }
}
