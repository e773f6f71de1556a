interface Schema { $ref?: string, format?: string, properties?: Record<string, Schema>, required?: readonly string[], examples?: readonly unknown[] }
interface Media { schema: Schema, example?: object }
interface Operation { requestBody?: { content: Record<string, Media> } }
export interface Document { paths?: Record<string, Record<string, Operation>>, components?: { schemas?: Record<string, Schema> } }

/** The document with examples that hold whatever must be sent by now: a mandatory field may have been declared since. */
export function withExamples (document: Document): Document {
  const schemaOf = ({ $ref, ...schema }: Schema): Schema => $ref === undefined ? schema : document.components?.schemas?.[$ref.replace(/^.*\//, '')] ?? {}

  function completed (schema: Schema, example: object): object {
    const { properties = {}, required = [] } = schemaOf(schema)
    const missing = Object.entries(properties).flatMap(([name, property]): [string, unknown][] => {
      if (name in example) return []
      if (required.includes(name)) return [[name, property.examples?.[0]]]
      const inner = completed(property, {})
      return Object.keys(inner).length > 0 ? [[name, inner]] : []
    })
    return { ...example, ...Object.fromEntries(missing) }
  }

  /** Of what holds a file there is no example in text. */
  function needsFile (schema: Schema): boolean {
    const { format, properties = {}, required = [] } = schemaOf(schema)
    return format === 'binary' || required.some((name) => properties[name]?.format === 'binary')
  }

  const ofOperation = ({ requestBody, ...operation }: Operation): Operation => ({
    ...operation,
    ...requestBody && { requestBody: { ...requestBody, content: mapped(requestBody.content, ({ schema, example }) => needsFile(schema) ? { schema } : ({ schema, example: Array.isArray(example) ? example : completed(schema, example ?? {}) })) } },
  })
  return { ...document, ...document.paths && { paths: mapped(document.paths, (operations) => mapped(operations, ofOperation)) } }
}

const mapped = <T, U>(values: Record<string, T>, to: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, to(value)]))
