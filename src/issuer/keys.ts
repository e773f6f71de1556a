import { createRemoteJWKSet, customFetch, errors } from 'jose'
import type { JWTVerifyGetKey } from 'jose'
import { AppError } from '../core/errors.ts'

const TIMEOUT_MS = 5_000
/** Between two attempts to fetch, whatever asks for them and however they end. */
const COOLDOWN_MS = 30_000
/** After it the keys are fetched anew: how long one that was withdrawn goes on counting while the issuer can be reached. */
const MAX_AGE_MS = 600_000
/** And how long while it cannot. */
const KEPT_MS = 86_400_000
const MOST_BYTES = 256 * 1_024

export interface Log {
  warn: (details: object, message: string) => void
}

interface Options {
  url: string
  log?: Log | undefined
  /** Ends an attempt that is under way. */
  signal?: AbortSignal
  /** Milliseconds of a clock that only goes forward. */
  now?: () => number
}

/**
 * The keys of another issuer. jose fetches and picks them; when is decided here, because jose forgets the keys that it has
 * as soon as they are old and the issuer is down, and then tries again with every request. Throws `unavailable` as long as
 * there are no keys.
 */
export function createKeySet ({ url, log, signal, now = () => performance.now() }: Options): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(url), { timeoutDuration: TIMEOUT_MS, cooldownDuration: Infinity, cacheMaxAge: Infinity, [customFetch]: (url, init) => fetchBounded(url, signal === undefined ? init : { ...init, signal: AbortSignal.any([init.signal, signal]) }) })
  let fetchedAt = -Infinity
  let triedAt = -Infinity
  let isDown = false
  let pending: Promise<void> | undefined

  async function fetchKeys (): Promise<void> {
    triedAt = now()
    try {
      await keys.reload()
      fetchedAt = now()
      isDown = false
    } catch (error) {
      isDown = true
      log?.warn({ err: error, url }, 'the keys of the other issuer were not fetched')
    } finally {
      pending = undefined
    }
  }

  /** Resolves when the attempt under way has ended, if there is one. */
  async function refresh (): Promise<void> {
    if (pending === undefined && now() - triedAt >= COOLDOWN_MS) pending = fetchKeys()
    await pending
  }

  return async (header, token) => {
    const age = now() - fetchedAt
    if (age >= MAX_AGE_MS) {
      const refreshed = refresh()
      // While the issuer is known to be down, nobody waits for it who can do with the keys of before.
      if (!isDown || age >= KEPT_MS) await refreshed
    }
    if (now() - fetchedAt >= KEPT_MS) throw new AppError('unavailable')
    try {
      return await keys(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      await refresh()
      return await keys(header, token)
    }
  }
}

/** jose follows no redirect and gives up in time; what it leaves to others is how much it reads. */
async function fetchBounded (url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init)
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > MOST_BYTES) throw new Error(`more than ${MOST_BYTES} bytes`)
    chunks.push(chunk)
  }
  return new Response(Buffer.concat(chunks), { status: response.status })
}
