import type { Pool, PoolClient } from './client.ts'
import { dbOn } from './client.ts'
import { asc } from '../drizzle.ts'
import { profileFields } from '../schema.ts'
import type { ProfileField } from '../profile-fields.ts'
import type { Queries } from '../queries.ts'

/** So often the list is read in any case, lest a word was lost with its connection. */
const AGAIN_MS = 30_000
const RECONNECT_MS = 1_000
const CHANNEL = 'visage_fields'
/** Which verbs change something about them. */
const CHANGING = ['insert', 'update', 'drop', 'remove'] as const

/**
 * The declared fields, which every request asks for: kept, and read anew when a process says that it has changed one. Every
 * transaction that counts on them reads them itself, so what is kept a moment too long is shown and never stored.
 */
export interface DeclaredFields {
  list: () => readonly ProfileField[]
  /** The same queries, and what is to be awaited after the commit of a transaction by them. */
  watch: (queries: Queries) => { queries: Queries, settled: () => Promise<void> }
  close: () => void
}

export async function openFields (pool: Pool): Promise<DeclaredFields> {
  let kept: readonly ProfileField[] = []
  let isClosed = false
  let soon: NodeJS.Timeout | undefined
  let listener: PoolClient | undefined

  let [begun, latest] = [0, 0]
  async function read (client: PoolClient): Promise<void> {
    const turn = ++begun
    const all = await dbOn(client).select().from(profileFields).orderBy(asc(profileFields.id)).all()
    // Of two connections the one that was asked first may answer last.
    if (turn < latest) return
    latest = turn
    const fields = all.filter(({ droppedAt }) => droppedAt === null)
    if (JSON.stringify(fields) !== JSON.stringify(kept)) kept = fields
  }

  async function readAnew (): Promise<void> {
    const client = await pool.connect()
    try {
      await read(client)
      client.release()
    } catch (error) {
      client.release(true)
      throw error
    }
  }

  async function listen (): Promise<void> {
    try {
      const client = await pool.connect()
      if (isClosed) return client.release()
      listener = client
      client.on('notification', () => void readAnew().catch(() => {}))
      client.once('error', lost)
      await client.query(`listen ${CHANNEL}`)
      await read(client)
    } catch {
      lost()
    }
  }

  function lost (): void {
    letGo()
    again()
  }

  /** A connection may be given back once. */
  function letGo (): void {
    listener?.off('error', lost)
    listener?.release(true)
    listener = undefined
  }

  function again (): void {
    if (isClosed) return
    clearTimeout(soon)
    soon = setTimeout(() => void listen(), RECONNECT_MS).unref()
  }

  await readAnew()
  await listen()
  const timer = setInterval(() => void readAnew().catch(() => {}), AGAIN_MS).unref()

  return {
    list: () => kept,

    watch (queries) {
      let isChanged = false
      const noting = (verb: (...about: never[]) => Promise<unknown>) => (...about: never[]) => {
        isChanged = true
        return verb(...about)
      }
      const own = { ...queries.profileFields, ...Object.fromEntries(CHANGING.map((name) => [name, noting(queries.profileFields[name])])) }
      return {
        queries: Object.create(queries, { profileFields: { value: own, enumerable: true, configurable: true } }) as Queries,
        async settled () {
          if (!isChanged) return
          isChanged = false
          await readAnew()
        },
      }
    },

    close () {
      isClosed = true
      clearTimeout(soon)
      clearInterval(timer)
      letGo()
    },
  }
}
