import fp from 'fastify-plugin'
import type { Config } from '../../src/config.ts'
import { openCore } from './open.ts'
import type { Core } from './open.ts'

export { openCore } from './open.ts'
export type { Core } from './open.ts'

declare module 'fastify' {
  interface FastifyInstance { core: Core }
}

const MAKE_ADMIN = 'npm run -s visage -- users create --admin --username … --email … --password …'
const PRESENCE_MS = 30_000
const MAIL_MS = 1_000
const HOUSEKEEPING_MS = 3_600_000

/** `app.core`: everything below the routes, and what has to be done from time to time. */
export default fp(async (app, { config, reservedKeys }: { config: Config, reservedKeys: ReadonlySet<string> }) => {
  const linkUrl = () => config.linkUrl ?? app.media.origin()
  const core = await openCore({ config, exclusive: true, log: app.log, linkUrl, reservedKeys })
  app.addHook('onClose', () => core.close())
  await core.images.sweepStaging()

  async function keepHouse (): Promise<void> {
    const now = Date.now()
    await core.db.write(async (tx) => {
      await tx.sessions.removeExpired(now)
      await tx.codes.removeExpired(now)
    })
    const purged = await core.deletion.purge()
    if (purged > 0) app.log.info({ purged }, 'removed people who were deleted thirty days ago')
    const finished = await core.profileFields.finishDrops()
    if (finished > 0) app.log.info({ finished }, 'removed what was left of dropped profile fields')
  }

  async function upgradePictures (): Promise<void> {
    const upgraded = await core.upgradePictures()
    if (upgraded > 0) app.log.info({ upgraded }, 'made the sizes of pictures from before there were any')
  }

  const timers: NodeJS.Timeout[] = []
  const every = (ms: number, job: () => Promise<void>, failure: string) => {
    const run = () => { job().catch((error: unknown) => app.log.warn({ err: error }, failure)) }
    timers.push(setInterval(run, ms).unref())
    return run
  }
  every(PRESENCE_MS, core.presence.flush, 'presence was not written')
  const deliver = every(MAIL_MS, core.mail.deliver, 'mails were not sent')
  const tidy = every(HOUSEKEEPING_MS, keepHouse, 'what has expired was not removed')
  app.addHook('preClose', async () => {
    for (const timer of timers) clearInterval(timer)
    core.beginClose()
  })

  app.addHook('onListen', async () => {
    if (!await core.users.hasAdmin()) app.log.info(`no admin exists yet; this makes one: ${MAKE_ADMIN}`)
    deliver()
    tidy()
    const gone = await core.mail.ownersGone()
    if (gone.length > 0) await core.mail.forget(gone)
    if (gone.length > 0) app.log.info({ gone }, 'removed mails to people who are gone')
    const { removed, missing } = await core.images.sweepOrphans(core.db.read.pictures)
    if (removed > 0) app.log.info({ removed }, 'removed pictures that no account names')
    if (missing.count > 0) app.log.error(missing, 'pictures that accounts name are missing')
    // Not waited for: it may take hours, and others want to know that the service listens.
    upgradePictures().catch((error: unknown) => { app.log.warn({ err: error }, 'pictures from before there were sizes were not upgraded') })
  })

  app.decorate('core', core)
}, { name: 'core' })
