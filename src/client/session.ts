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
  navigator: { locks?: Locks }
  addEventListener: (type: 'storage', listener: (event: { key: string | null }) => void) => void
}
interface Locks {
  request: InTurn & ((name: string, options: { ifAvailable: true }, work: (lock: object | null) => Promise<boolean>) => Promise<boolean>)
}
const { navigator, addEventListener } = globalThis as Partial<Browser>
const MARKED_MS = 5_000
const LOOK_MS = 20

const sleep = async (ms: number) => { await new Promise((resolve) => { setTimeout(resolve, ms) }) }

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
  const locks = navigator?.locks
  const isBrowser = addEventListener !== undefined
  const nameOf = (spent: string) => `${key} ${spent.slice(-16)}`
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
    renew: async (spent: string): Promise<string | undefined | Response> => await (locks?.request.bind(locks) ?? inTurn)(key, async () => {
      await arrival(spent)
      const tokens = read()
      if (tokens === null) tell()
      if (tokens?.access !== spent) return tokens?.access
      const response = await trade(tokens.refresh)
      if (response.status === 401) forget()
      if (!response.ok) return response.status === 401 ? undefined : response
      const fresh = await response.json() as Tokens
      keep(fresh)
      await mark(spent)
      return fresh.access
    }),
  }

  // What one tab stores reaches the others late, a lock at once: while one of this name is held, that token has been traded.
  async function mark (spent: string): Promise<void> {
    if (!isBrowser || locks === undefined) return
    await new Promise<void>((marked) => { void locks.request(nameOf(spent), async () => { marked(); await sleep(MARKED_MS) }) })
  }

  async function arrival (spent: string): Promise<void> {
    const isMarked = isBrowser && await locks?.request(nameOf(spent), { ifAvailable: true }, async (lock) => lock === null)
    for (let waited = 0; isMarked && waited < MARKED_MS && read()?.access === spent; waited += LOOK_MS) await sleep(LOOK_MS)
  }
}
