import type { Service } from '../../src/service.ts'

/** A job of the house. If it fails, `failure` is logged with the error, and the other jobs run all the same. */
export interface Job { run: () => Promise<void>, failure: string }

interface Log {
  info: (details: object, message: string) => void
  error: (details: object, message: string) => void
}

const MAKE_ADMIN = 'npm run -s visage -- users create --admin --username … --email … --password …'

/** What is done at the start and every hour, in this order. */
export const hourly = (core: Service, log: Log): Job[] => [
  { run: async () => { await core.expiry.removeSessions() }, failure: 'sessions that have ended were not removed' },
  { run: async () => { await core.expiry.removeCodes() }, failure: 'codes that have expired were not removed' },
  { run: async () => { await core.expiry.removeTickets() }, failure: 'second-factor tickets that have expired were not removed' },
  { run: core.limits.removeEnded, failure: 'uses of limits whose time is over were not removed' },
  { run: async () => { await core.expiry.removeChanges() }, failure: 'what the log had told long enough was not removed' },
  { run: async () => { await core.invitations.removeExpired() }, failure: 'invitations that have expired were not removed' },
  {
    async run () {
      const purged = await core.deletion.purge()
      if (purged > 0) log.info({ purged }, 'removed people who were deleted thirty days ago')
    },
    failure: 'people who were deleted thirty days ago were not removed',
  },
  {
    async run () {
      const finished = await core.profileFields.finishDrops()
      if (finished > 0) log.info({ finished }, 'removed what was left of dropped profile fields')
    },
    failure: 'what was left of dropped profile fields was not removed',
  },
  {
    async run () {
      const removed = await core.db.removeOldBackups(Date.now())
      if (removed.length > 0) log.info({ removed }, 'removed copies of the database from before an update a week ago')
    },
    failure: 'copies of the database from before updates were not removed',
  },
]

/** What is done once, when the service listens. */
export const atStart = (core: Service, log: Log): Job[] => [
  {
    async run () {
      if (!await core.users.hasAdmin()) log.info({}, `no admin exists yet; this makes one: ${MAKE_ADMIN}`)
    },
    failure: 'whether there is an admin is not known',
  },
  {
    async run () {
      const gone = await core.mail.ownersGone()
      if (gone.length === 0) return
      await core.mail.forget(gone)
      log.info({ gone }, 'removed mails to people who are gone')
    },
    failure: 'mails to people who are gone were not removed',
  },
  // What is tracked need not be looked through.
  ...core.images.store.isTracked ? [] : [{
    async run () {
      const { removed, missing } = await core.images.sweepOrphans(core.db.read.pictures)
      if (removed > 0) log.info({ removed }, 'removed pictures that no account names')
      if (missing.count > 0) log.error(missing, 'pictures that accounts name are missing')
    },
    failure: 'published pictures were not swept',
  }],
]

/** What is done at the start and every ten minutes. It may take minutes itself; nothing waits for it. */
export const tending = (core: Service): Job => ({ run: core.searchIndex.tend, failure: 'the search index was not tended' })

/** What is done at the start and every minute, where the store of pictures is tracked. */
export const collecting = (core: Service): Job => ({ run: core.collection.run, failure: 'pictures that nobody has were not removed' })

/** What may take hours; nothing waits for it. */
export const inBackground = (core: Service, log: Log): Job => ({
  async run () {
    const upgraded = await core.upgradePictures()
    if (upgraded > 0) log.info({ upgraded }, 'made the sizes of pictures from before there were any')
  },
  failure: 'pictures from before there were sizes were not upgraded',
})
