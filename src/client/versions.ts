const ACCOUNT = /^\/v1\/(?:me|people\/(\d+))(?=[/?]|$)/
/** What belongs to a person and goes by no version. */
const APART = /\/(sessions|tokens)(\/|$)/

/** The versions of people as they were last read here, for `If-Match`. */
export function createVersions () {
  const tags = new Map<number, string>()
  let me = 0

  /** 0 for whoever was never read. */
  function whose (path: string): number | undefined {
    const found = ACCOUNT.exec(path)
    return found === null ? undefined : found[1] === undefined ? me : Number(found[1])
  }

  return {
    whose,
    forget (): void {
      tags.clear()
      me = 0
    },

    /** Names the version that was read, unless the caller names one. */
    stamp (path: string, { headers }: Request): void {
      const tag = tags.get(whose(path) ?? 0)
      if (tag !== undefined && !headers.has('if-match')) headers.set('if-match', tag)
    },

    /** Also of a 412, which carries the person as they are now. */
    note (path: string, isRead: boolean, { ok, headers }: Response, answer: { id?: unknown, person?: { id?: unknown } } | null): void {
      const account = whose(path)
      if (account === undefined || path.includes('dryRun=')) return
      const tag = headers.get('etag')
      const id = answer?.person?.id ?? answer?.id ?? account
      if (tag !== null && typeof id === 'number') {
        if (ACCOUNT.exec(path)?.[1] === undefined) me = id
        tags.set(id, tag)
      } else if (ok && !isRead && !APART.test(path)) {
        tags.delete(account)
      }
    },
  }
}
