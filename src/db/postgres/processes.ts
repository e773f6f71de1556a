import { wayTo } from './address.ts'
import { createPool } from './client.ts'
import type { PoolClient } from './client.ts'
import { SERVER } from './lock.ts'
import type { Processes } from '../processes.ts'

/** Of the one that leads: a number of our own. */
const LEADER = 5_646_003
/** So often each asks how many there are, and whether the one that leads is gone. */
const TURN_MS = 1_000
/** Later than that no answer comes any more. */
const ANSWER_MS = 5_000
/** The server lets go of what a machine held that went without a word. */
const GONE_SOON = 'set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 2; set tcp_keepalives_count = 3; set tcp_user_timeout = 10000'
const COUNT = `select count(*) as count from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
  and classid = 0 and objid = ${SERVER} and objsubid = 1 and mode = 'ShareLock' and granted`

export interface JoinedProcesses extends Processes {
  close: () => Promise<void>
}

/**
 * Joins the processes on a database, each of which holds a shared lock on a connection of its own for as long as it lives: nothing is left
 * of one that is killed. Undefined where a server has the database alone.
 */
export async function joinProcesses (url: string): Promise<JoinedProcesses | undefined> {
  const pool = createPool({ ...wayTo(url, 1), query_timeout: ANSWER_MS })
  const listeners: (() => void)[] = []
  let client: PoolClient | undefined
  let [count, isLeader, isClosed] = [1, false, false]
  let turn: NodeJS.Timeout | undefined

  /** False where a server has the database alone. */
  async function join (): Promise<boolean> {
    const own = await pool.connect()
    try {
      await own.query(GONE_SOON)
      const isIn = (await own.query('select pg_try_advisory_lock_shared($1) as is', [SERVER])).rows[0].is === 1
      if (!isIn || isClosed) {
        own.release(true)
        return isIn
      }
    } catch (error) {
      own.release(true)
      throw error
    }
    client = own.once('error', letGo)
    return true
  }

  /** A connection may be given back once. */
  function letGo (): void {
    client?.off('error', letGo)
    client?.release(true)
    client = undefined
    isLeader = false
  }

  async function look (): Promise<void> {
    if (client === undefined && !await join()) return
    const own = client
    if (own === undefined) return
    try {
      const counted = (await own.query(COUNT)).rows[0].count as number
      const leads = isLeader || (await own.query('select pg_try_advisory_lock($1) as is', [LEADER])).rows[0].is === 1
      // It may have been lost meanwhile.
      if (client !== own) return
      count = Math.max(1, counted)
      const isNew = leads && !isLeader
      isLeader = leads
      if (isNew) for (const listener of listeners) listener()
    } catch {
      letGo()
    }
  }

  async function goOn (): Promise<void> {
    await look().catch(() => {})
    if (!isClosed) turn = setTimeout(() => void goOn(), TURN_MS).unref()
  }

  try {
    if (!await join()) {
      await pool.end()
      return undefined
    }
  } catch (error) {
    await pool.end()
    throw error
  }
  await goOn()

  return {
    count: () => count,
    isLeader: () => isLeader,
    onLead (listener) {
      listeners.push(listener)
      if (isLeader) listener()
    },
    async close () {
      isClosed = true
      clearTimeout(turn)
      // Before the connection ends, which the server learns a moment later.
      await client?.query('select pg_advisory_unlock_all()').catch(() => {})
      letGo()
      await pool.end()
    },
  }
}
