import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool, PoolClient } from './client.ts'

/** A number of our own. Whoever has the database alone holds it alone, and many processes hold it together. */
export const SERVER = 5_646_002
const AGAIN_MS = 1_000

/** The right to be the one server of a database: it ends with the connection on which it was taken, however that ends. */
export interface HeldLock {
  /** Resolves when another may take it, and at the latest when its connection has ended. */
  release: () => Promise<void>
  /** False while the connection is gone, and another server may have it. */
  isHeld: () => boolean
}

async function take (client: PoolClient): Promise<boolean> {
  return (await client.query('select pg_try_advisory_lock($1) as is', [SERVER])).rows[0].is === 1
}

/** Takes it, and takes it again when its connection was lost; undefined when somebody else has it. */
export async function lockInstance (pool: Pool): Promise<HeldLock | undefined> {
  let holder: PoolClient | undefined
  let isReleased = false

  async function hold (): Promise<boolean> {
    const client = await pool.connect()
    if (!await take(client)) {
      client.release()
      return false
    }
    holder = client
    client.once('error', lost)
    return true
  }

  function lost (): void {
    letGo()
    void holdAgain()
  }

  /** A connection may be given back once. */
  function letGo (): void {
    holder?.off('error', lost)
    holder?.release(true)
    holder = undefined
  }

  async function holdAgain (): Promise<void> {
    while (!isReleased && !await hold().catch(() => false)) await sleep(AGAIN_MS, undefined, { ref: false })
  }

  if (!await hold()) return undefined
  return {
    isHeld: () => holder !== undefined,
    async release () {
      isReleased = true
      // The server notices only in a while that a connection has ended.
      await holder?.query('select pg_advisory_unlock($1)', [SERVER]).catch(() => {})
      letGo()
    },
  }
}
