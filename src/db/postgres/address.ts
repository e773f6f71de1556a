import type { PoolConfig } from 'pg'

const CONNECT_MS = 5_000
const KEEP_ALIVE_MS = 10_000

/** Where a database is, as it may be shown: without who opens it. */
export function placeOf (url: string): string {
  const { host, pathname, searchParams } = new URL(url)
  // A socket stands behind the `?`.
  return `postgres://${searchParams.get('host') ?? host}${pathname}`
}

/** How to get there, with so many connections at most. */
export const wayTo = (url: string, max: number): PoolConfig =>
  ({ connectionString: url, max, connectionTimeoutMillis: CONNECT_MS, keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_MS, application_name: 'visage' })
