/** One thing that requests need, or that goes wrong where nobody sees it. */
export interface Probe {
  name: 'database' | 'migrations' | 'store' | 'mail' | 'images' | 'disk' | 'clock'
  /** Without it requests fail; otherwise they go on, with something left undone. */
  isNeeded: boolean
  /** Resolves to what is wrong, in a sentence for the operator; rejecting is another way to say so. */
  ask: () => Promise<string | undefined>
}

export interface Report {
  status: 'ok' | 'degraded' | 'unavailable'
  checks: { name: Probe['name'] | 'service', status: 'ok' | Report['status'], detail?: string }[]
}

interface Options {
  probes: readonly Probe[]
  /** Milliseconds of a clock that only goes forward. */
  now?: () => number
  /** How long one probe may take. */
  patience?: number
}

/** However many ask, the disk is asked once in this time. */
const REMEMBERED_MS = 1_000
const PATIENCE_MS = 750

/** Whether requests would be answered, by trying what they need. */
export function createHealth ({ probes, now = () => performance.now(), patience = PATIENCE_MS }: Options) {
  let known: { report: Promise<Report>, at: number } | undefined
  let isClosing = false

  async function tryOne ({ name, isNeeded, ask }: Probe): Promise<Report['checks'][number]> {
    const { promise: late, resolve } = Promise.withResolvers<string>()
    const timer = setTimeout(resolve, patience, `no answer within ${patience} ms`)
    const detail = await Promise.race([ask(), late]).catch((error: unknown) => (error as Error).message)
    clearTimeout(timer)
    return detail === undefined ? { name, status: 'ok' } : { name, status: isNeeded ? 'unavailable' : 'degraded', detail }
  }

  async function tryAll (): Promise<Report> {
    const checks = await Promise.all(probes.map(tryOne))
    const worst = (['unavailable', 'degraded'] as const).find((status) => checks.some((check) => check.status === status))
    return { status: worst ?? 'ok', checks }
  }

  return {
    /** What works and what does not; nothing is older than a second. */
    async look (): Promise<Report> {
      if (isClosing) return { status: 'unavailable', checks: [{ name: 'service', status: 'unavailable', detail: 'it is closing' }] }
      if (known === undefined || now() - known.at >= REMEMBERED_MS) known = { report: tryAll(), at: now() }
      return await known.report
    },

    /** From now on whoever sends requests here should send them elsewhere. */
    beginClose (): void {
      isClosing = true
    },
  }
}

export type Health = ReturnType<typeof createHealth>

/** What a clock may differ from one that only goes forward, as time servers nudge it. */
const JUMP_MS = 10_000
/** After this whatever the clock says is what counts: most jumps put it right. */
const SETTLED_MS = 10 * 60_000

/**
 * Tells of a clock that was set: codes, sessions and what is due hang on it. `newest` is the time of the last change that was
 * written, which a clock that is behind has not reached yet.
 */
export function createClockProbe ({ newest, clock = Date.now, steady = () => performance.now() }: { newest: () => Promise<number | undefined>, clock?: () => number, steady?: () => number }): Probe {
  let offset = clock() - steady()
  let since: number | undefined

  return {
    name: 'clock',
    isNeeded: false,
    async ask () {
      const jump = Math.round(clock() - steady() - offset)
      if (Math.abs(jump) <= JUMP_MS) since = undefined
      else if (steady() - (since ??= steady()) < SETTLED_MS) return `the clock was set ${jump < 0 ? 'back' : 'forward'} by ${Math.abs(jump / 1_000).toFixed()} s`
      else {
        offset += jump
        since = undefined
      }
      const behind = (await newest() ?? 0) - clock()
      return behind > JUMP_MS ? `the clock is ${(behind / 1_000).toFixed()} s behind the last change that was written` : undefined
    },
  }
}
