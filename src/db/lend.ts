/** The queries, usable until revoked: a work that outlives its savepoint must not write into a neighbour's. */
export function lend<Q extends object> (queries: Q): { tx: Q, revoke: () => void } {
  let isLent = true
  const guardVerb = (noun: object, verb: PropertyKey) => (...args: unknown[]): unknown => {
    if (!isLent) throw new Error('a write used its transaction after the end of it')
    return (Reflect.get(noun, verb) as (...args: unknown[]) => unknown)(...args)
  }
  const guardNoun = (nouns: object, name: PropertyKey): unknown => {
    const noun = Reflect.get(nouns, name) as object | undefined
    return noun && new Proxy(noun, { get: guardVerb })
  }
  return { tx: new Proxy<Q>(queries, { get: guardNoun }), revoke: () => { isLent = false } }
}
