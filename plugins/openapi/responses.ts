/** What a status means where the schema of its body does not say. */
const MEANINGS: Record<string, string> = {
  204: 'Done. The answer has no body.',
  '4xx': 'Refused, and nothing was changed. The body says why.',
  '5xx': 'The service could not do it. With 503, `Retry-After` says when to try again.',
}

/** The responses of a route, each with its meaning in a sentence: what the schema of the body says of itself, else what the status says. */
export function meaning (responses: Record<string, { description?: string }>): object {
  return Object.fromEntries(Object.entries(responses).map(([status, schema]) =>
    [status, { ...schema, 'x-response-description': schema.description ?? MEANINGS[status] }]))
}
