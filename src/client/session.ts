import type { InTurn } from './turns.ts'

/** `localStorage` (all tabs are one session), `sessionStorage`, or anything that answers like them. */
export interface TokenStorage {
  getItem: (key: string) => string | null
  setItem: (key: string, value: string) => void
  removeItem: (key: string) => void
}

export interface Tokens { access: string, refresh: string }

/** What browsers have and Node has not, or not always. */
interface Browser {
  navigator: { locks?: { request: InTurn } }
  addEventListener: (type: 'storage', listener: (event: { key: string | null }) => void) => void
}
const { navigator, addEventListener } = globalThis as Partial<Browser>

interface Options {
  /** Under which the tokens are stored; one for each service. */
  key: string
  storage: TokenStorage
  inTurn: InTurn
  /** Trades a refresh token for the next pair. */
  trade: (refresh: string) => Promise<Response>
}

/** Who is signed in, in this tab and in the others that share its storage. */
export function createSession ({ key, storage, inTurn, trade }: Options) {
  const listeners = new Set<() => void>()
  const read = (): Tokens | null => JSON.parse(storage.getItem(key) ?? 'null') as Tokens | null
  /** As far as this tab has been told. */
  let isIn = read() !== null

  function keep ({ access, refresh }: Tokens): void {
    storage.setItem(key, JSON.stringify({ access, refresh }))
    isIn = true
  }

  /** Once, however many find out. */
  function tell (): void {
    if (!isIn) return
    isIn = false
    for (const listener of listeners) listener()
  }

  function forget (): void {
    storage.removeItem(key)
    tell()
  }

  addEventListener?.('storage', (event) => {
    if (event.key !== key && event.key !== null) return
    if (read() === null) tell()
    else isIn = true
  })

  return {
    keep,
    forget,
    access (): string | undefined {
      const tokens = read()
      if (tokens === null) tell()
      return tokens?.access
    },
    onSignedOut (listener: () => void): () => void {
      listeners.add(listener)
      return () => { listeners.delete(listener) }
    },

    /** The access token after `spent`: of all tabs the first one fetches it. Undefined when the session is over; the answer when it cannot be told. */
    renew: async (spent: string): Promise<string | undefined | Response> => await (navigator?.locks?.request.bind(navigator.locks) ?? inTurn)(key, async () => {
      const tokens = read()
      if (tokens === null) tell()
      if (tokens?.access !== spent) return tokens?.access
      const response = await trade(tokens.refresh)
      if (response.status === 401) forget()
      if (!response.ok) return response.status === 401 ? undefined : response
      const fresh = await response.json() as Tokens
      keep(fresh)
      return fresh.access
    }),
  }
}
