import type { Health } from '../core/health.ts'
import { STOP, atMost } from '../stop.ts'
import type { Engines, Log } from './engines.ts'

type Work = () => Promise<unknown>

interface Open extends Pick<Engines, 'db' | 'images' | 'issuer'> {
  health: Health
  /** What stops at once. */
  stops: readonly Work[]
  /** What is only in memory, written one after the other. */
  flushes: readonly Work[]
  /** What others were told, and have not finished with. */
  settled: Work
  log?: Log | undefined
}

/** How the service ends: each part by its time in `STOP`, and the database whatever holds up the others. */
export function createClosing ({ db, images, issuer, health, stops, flushes, settled, log }: Open) {
  let ending: Promise<void> | undefined
  let closing: { since: number, ended: Promise<unknown> } | undefined

  function beginClose (): void {
    if (closing !== undefined) return
    health.beginClose()
    closing = { since: performance.now(), ended: Promise.allSettled(stops.map((stop) => stop())) }
    setTimeout(() => { issuer?.close() }, STOP.arriving).unref()
    setTimeout(() => {
      images.close().catch(() => {})
      db.refuse()
    }, STOP.waiting).unref()
  }

  async function end (): Promise<void> {
    beginClose()
    const left = (until: number) => until - (performance.now() - (closing?.since ?? 0))
    await atMost(left(STOP.core), Promise.allSettled([flush(), images.close(), settled(), closing?.ended]))
    await db.close(left(STOP.database))
  }

  async function flush (): Promise<void> {
    try {
      for (const write of flushes) await write()
    } catch (error) {
      // Who was seen or refused last is worth a try, not a database left open.
      log?.warn({ err: error }, 'presence was not written')
    }
  }

  return {
    /** Begins a stop: from now on no mail leaves, and after its time whatever waits is refused. Requests go on until `close`. */
    beginClose,
    /** Ends it. The database closes, whatever holds up the others. */
    close: () => ending ??= end(),
  }
}
