import fp from 'fastify-plugin'
import type { Config } from '../../src/config.ts'
import { AppError } from '../../src/core/errors.ts'
import { openService } from '../../src/service.ts'
import type { Service } from '../../src/service.ts'
import type { MailSender } from '../../src/visage.ts'
import { atStart, collecting, hourly, inBackground, tending } from './housekeeping.ts'
import type { Job } from './housekeeping.ts'

declare module 'fastify' {
  interface FastifyInstance {
    core: Service
    /** Ends everything below the routes, which answer 503 from then on. */
    closeCore: () => Promise<void>
  }
}

const PRESENCE_MS = 30_000
const MAIL_MS = 1_000
const HOUSEKEEPING_MS = 3_600_000
/** With the minutes that it takes, what was removed has left the search index within the hour. */
const TENDING_MS = 600_000
const COLLECTION_MS = 60_000

interface Options {
  config: Config
  reservedKeys: ReadonlySet<string>
  sender?: MailSender | undefined
}

/** `app.core`: everything below the routes, and what has to be done from time to time. */
export default fp(async (app, { config, reservedKeys, sender }: Options) => {
  const linkUrl = () => config.linkUrl ?? app.publicAddress.url('')
  const log = app.logOf('house')
  const core = await openService({ config, exclusive: true, log, logs: { mail: app.logOf('mail'), images: app.logOf('images') }, linkUrl, reservedKeys, sender })
  app.addHook('onClose', () => core.close())
  await core.images.sweepStaging()

  const attempt = async ({ run, failure }: Job): Promise<void> => {
    await run().catch((error: unknown) => { log.warn({ err: error }, failure) })
  }
  const inTurn = async (jobs: readonly Job[]): Promise<void> => { for (const job of jobs) await attempt(job) }

  /** Of several processes one keeps the house. */
  const { processes } = core.db
  const asLeader = ({ run, failure }: Job): Job => ({ run: async () => { if (processes.isLeader()) await run() }, failure })

  const timers: NodeJS.Timeout[] = []
  const every = (ms: number, ...jobs: Job[]) => {
    const run = () => { void inTurn(jobs) }
    timers.push(setInterval(run, ms).unref())
    return run
  }
  every(PRESENCE_MS, { run: core.presence.flush, failure: 'presence was not written' }, { run: core.refusals.flush, failure: 'refused sign-ins were not written to the log' })
  const deliver = every(MAIL_MS, { run: core.mail.deliver, failure: 'mails were not sent' })
  const tidy = every(HOUSEKEEPING_MS, ...hourly(core, log).map(asLeader))
  const tend = every(TENDING_MS, asLeader(tending(core)))
  let isClosing = false
  const collect = core.images.store.isTracked ? every(COLLECTION_MS, collecting(core)) : () => {}
  function beginClose (): void {
    isClosing = true
    for (const timer of timers) clearInterval(timer)
    core.beginClose()
  }
  app.addHook('preClose', async () => { beginClose() })
  // Asked to stop, it goes on for a while in which others are told.
  app.server.on('draining', core.health.beginClose)

  app.addHook('onListen', async () => {
    deliver()
    collect()
    processes.onLead(() => {
      if (isClosing) return
      tidy()
      tend()
      // Nothing waits for these, and the hooks after this one say where the service is found.
      void inTurn(atStart(core, log)).then(() => attempt(inBackground(core, log)))
    })
  })

  app.decorate('core', core)
  let isClosed = false
  app.decorate('closeCore', async () => {
    isClosed = true
    beginClose()
    await core.close()
  })
  app.addHook('onRequest', async () => { if (isClosed) throw new AppError('unavailable') })
}, { name: 'core', dependencies: ['address', 'log'] })
