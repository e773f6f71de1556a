/** The wire names of a family and the core's word for each, in the order of its schema. */
export type Names = Readonly<Record<string, string>>

/** The sent fields in the core's words. */
export function rename (body: object, names: Names): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => name in names).map(([name, value]) => [names[name], value]))
}

/** Of several wire names of one field, the one that the client used. */
export function wireName (field: string, names: Names, body: unknown): string {
  const candidates = Object.keys(names).filter((name) => names[name] === field)
  const isSent = (name: string) => typeof body === 'object' && body !== null && name in body
  return candidates.find(isSent) ?? candidates[0] ?? field
}
