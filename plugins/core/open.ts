import { originOf } from '../../src/config.ts'
import type { Config } from '../../src/config.ts'
import { createAnnouncements } from '../../src/core/people/announcements.ts'
import { createAvatars } from '../../src/core/pictures/avatars.ts'
import { createCodes } from '../../src/core/sign-in/codes.ts'
import { createDeletion } from '../../src/core/people/deletion.ts'
import { createCursors } from '../../src/core/seal/cursors.ts'
import { createDirectory } from '../../src/core/directory/index.ts'
import { createEmailReversal } from '../../src/core/mail/email-reversal.ts'
import { createEmails } from '../../src/core/mail/emails.ts'
import { createEnquiries } from '../../src/core/mail/enquiries.ts'
import { createExpiry } from '../../src/core/credentials/expiry.ts'
import { createFaces } from '../../src/core/pictures/faces.ts'
import { createFindings } from '../../src/core/fields/findings.ts'
import { createFsck } from '../../src/core/fsck/index.ts'
import { createGroups } from '../../src/core/directory/groups.ts'
import { createInvitations } from '../../src/core/people/invitations.ts'
import { createKeys } from '../../src/core/credentials/keys.ts'
import { createLimits } from '../../src/core/limits/index.ts'
import { createMail } from '../../src/core/mail/index.ts'
import { createPasswordChange } from '../../src/core/sign-in/password-change.ts'
import { createClockProbe, createHealth } from '../../src/core/health.ts'
import type { Probe } from '../../src/core/health.ts'
import { createPasswords } from '../../src/core/sign-in/passwords.ts'
import type { Hasher } from '../../src/core/sign-in/passwords.ts'
import { createPictureUpgrade } from '../../src/core/pictures/picture-upgrade.ts'
import { createPictures } from '../../src/core/pictures/index.ts'
import { createPlaces, PLACES } from '../../src/core/limits/places.ts'
import { createPresence } from '../../src/core/people/presence.ts'
import { createProfileFields } from '../../src/core/fields/profile-fields.ts'
import { createProof } from '../../src/core/sign-in/proof.ts'
import { createRefusals } from '../../src/core/sign-in/refusals.ts'
import { isReserved } from '../../src/core/fields/reserved.ts'
import { createSealReset } from '../../src/core/seal/seal-proof.ts'
import { createSecondFactor } from '../../src/core/sign-in/second-factor.ts'
import { createSignatures } from '../../src/core/seal/signatures.ts'
import { createSearchIndex } from '../../src/core/directory/search-index.ts'
import { createSignIn } from '../../src/core/sign-in/index.ts'
import { createSignInCodes } from '../../src/core/sign-in/sign-in-codes.ts'
import { createTickets } from '../../src/core/sign-in/tickets.ts'
import { createTags } from '../../src/core/directory/tags.ts'
import { createHistory } from '../../src/core/people/history.ts'
import { createUsers } from '../../src/core/people/users.ts'
import { FolderError } from '../../src/db/errors.ts'
import { hasDatabase } from '../../src/db/folder.ts'
import { openDatabase } from '../../src/db/open.ts'
import { dialled } from '../../src/db/phone.ts'
import { holdsPictures } from '../../src/images/folders.ts'
import { openImages } from '../../src/images/open.ts'
import { openMailer } from '../../src/mail/open.ts'
import type { MailSender } from '../../src/visage.ts'
import { STOP, atMost } from '../../src/stop.ts'
import { authenticator } from './authenticator.ts'
import { hasher } from './hasher.ts'
import type { Core } from './core.ts'
import { newSealKey, ownSealKey } from './seal-key.ts'

interface Log {
  info: (details: object, message: string) => void
  warn: (details: object, message: string) => void
}

interface Options {
  config: Config
  /** The server holds the data folder for itself; an operator command works beside it. */
  exclusive: boolean
  log?: Log | undefined
  /** Of parts that have one of their own. */
  logs?: { mail: Log, images: Log }
  /** What links in mails begin with, once it is known. */
  linkUrl?: () => string
  /** By whom mails leave, where that is not for the configuration to say. */
  sender?: MailSender | undefined
  /** Milliseconds of a clock that only goes forward: what limits are counted by. */
  clock?: () => number
  hashes?: Hasher
  /** Begins with a new seal key, which is kept when `sealReset` has run. */
  hasNewSeal?: boolean
  /** Its health is asked for once, by somebody who waits: what is only started when it is needed is started to see whether it does. */
  isThorough?: boolean
  /** Names that no declared field may have. */
  reservedKeys: ReadonlySet<string>
}

/** Opens the database and the media folder and builds the rules on them. Throws a FolderError. */
export async function openCore ({ config, exclusive, log, logs, sender, linkUrl = () => config.linkUrl ?? config.publicUrl ?? originOf(config.host, config.port), clock, hashes = hasher, hasNewSeal = false, isThorough = false, reservedKeys }: Options): Promise<Core> {
  const { dataDir, backupDir, avatarMaxBytes, coverMaxBytes, smtpUrl, mailFrom: from, passwordMin, rateLimit, tokenRate, gravatarMd5: byMd5, privateMedia: isPrivate, reservedUsernames, auditDays, diskFloor } = config
  // A new database would know of none of them, and the next sweep would remove them all.
  if (!hasDatabase(dataDir) && await holdsPictures(dataDir)) throw new FolderError('DATABASE_LOST', `${dataDir} holds pictures of accounts and no visage.db: put the database back, or move the pictures away to begin anew`)
  const db = openDatabase({ dataDir, exclusive })
  if (db.backup !== undefined) log?.info({ file: db.backup }, 'the database was copied before the update; the copy goes after a week')
  try {
    const { seal, keep } = hasNewSeal ? newSealKey(dataDir) : await ownSealKey(dataDir, db)
    const images = await openImages({ dataDir, maxBytes: { avatar: avatarMaxBytes, cover: coverMaxBytes }, ...log && { log: logs?.images ?? log } })
    const mailer = await openMailer({ dataDir, from, linkUrl, ...smtpUrl !== undefined && { smtpUrl }, ...sender && { sender }, ...log && { log: logs?.mail ?? log } })
    const passwords = createPasswords(hashes, { minLength: passwordMin })
    const limits = createLimits({ isOn: rateLimit, dialled, ...tokenRate !== undefined && { tokenRate }, ...clock && { now: clock } })
    const codes = createCodes({ seal })
    const mail = createMail({ db, seal, mailer, resolve: createEnquiries({ codes }), log: logs?.mail ?? log })
    const emails = createEmails({ db, codes, mail, limits })
    const proof = createProof({ db, seal, passwords, limits, authenticator })
    const isReservedHere = (name: string) => isReserved(name, reservedUsernames)
    const pictures = createPictures({ db, images, places: createPlaces(PLACES.pictures) })
    const findings = createFindings({ db, images, isReserved: isReservedHere })
    const users = createUsers({ db, pictures, findings, passwords, emails, limits })
    const presence = createPresence({ db })
    const refusals = createRefusals({ db })
    const cursors = createCursors({ seal })
    const searches = createPlaces(PLACES.searches)
    const pictureUpgrade = createPictureUpgrade({ db, images, log })
    const searchIndex = createSearchIndex({ db, log })
    const health = createHealth({ ...clock && { now: clock }, ...isThorough && { patience: SMTP_MS }, probes: probesOf({ db, images, mail, diskFloor, isThorough }) })
    const announcements = createAnnouncements({ db, log })
    let ending: Promise<void> | undefined
    let closing: { since: number, ended: Promise<unknown> } | undefined

    function beginClose (): void {
      if (closing !== undefined) return
      health.beginClose()
      closing = { since: performance.now(), ended: Promise.allSettled([mail.close(), pictureUpgrade.stop(), searchIndex.stop()]) }
      setTimeout(() => {
        images.close().catch(() => {})
        db.refuse()
      }, STOP.waiting).unref()
    }

    async function end (): Promise<void> {
      beginClose()
      const left = (until: number) => until - (performance.now() - (closing?.since ?? 0))
      await atMost(left(STOP.core), Promise.allSettled([flushPresence(), images.close(), announcements.settled(), closing?.ended]))
      await db.close(left(STOP.database))
    }

    async function flushPresence (): Promise<void> {
      try {
        await presence.flush()
        await refusals.flush()
      } catch (error) {
        // Who was seen or refused last is worth a try, not a database left open.
        log?.warn({ err: error }, 'presence was not written')
      }
    }

    return {
      db,
      images,
      passwords,
      codes,
      mail,
      health,
      emails,
      limits,
      queues: async () => ({
        images: pictures.waiting() + images.figures().waiting,
        hashes: passwords.waiting(),
        readers: searches.waiting() + db.figures().queriesWaiting,
        mail: await db.read.mails.count(),
      }),
      proof,
      secondFactor: createSecondFactor({ db, seal, mail, limits, proof, authenticator }),
      emailReversal: createEmailReversal({ db, codes, emails, mail }),
      presence,
      refusals,
      isReserved: isReservedHere,
      signatures: createSignatures({ seal }),
      passwordChange: createPasswordChange({ db, passwords, codes, mail, limits, proof }),
      signIn: createSignIn({ db, proof, codes, tickets: createTickets({ seal }), emails, limits, refusals }),
      signInCodes: createSignInCodes({ db, mail, limits }),
      upgradePictures: pictureUpgrade.run,
      expiry: createExpiry({ db, auditDays }),
      deletion: createDeletion({ db, pictures, mail, proof, limits, log, entomb: backupDir === undefined ? undefined : async (people) => { await (await import('../../src/backup/tombstones.ts')).addTombstones(backupDir, people) } }),
      fsck: createFsck({ db, images, mail, seal }),
      sealReset: createSealReset({ db, mail, seal, keep }),
      searchIndex,
      announcements,
      users,
      cursors,
      history: createHistory({ db, cursors, places: searches }),
      invitations: createInvitations({ db, users, codes, mail, limits, cursors, log }),
      directory: createDirectory({ db, presence, cursors, places: searches }),
      avatars: createAvatars({ db, pictures, findings, cursors }),
      faces: createFaces({ db, images, byMd5, isPrivate }),
      groups: createGroups({ db, cursors }),
      tags: createTags({ db, cursors }),
      profileFields: createProfileFields({ db, reservedKeys, log }),
      keys: createKeys({ db, mail, proof, cursors }),
      beginClose,
      close: () => ending ??= end(),
    }
  } catch (error) {
    await db.close()
    throw error
  }
}

/** As long as a mail server may take to say something. */
const SMTP_MS = 12_000

/** What requests need first, then what others do for them. */
const probesOf = ({ db, images, mail, diskFloor, isThorough }: Pick<Core, 'db' | 'images' | 'mail'> & { diskFloor: number, isThorough: boolean }): Probe[] => [
  { name: 'database', isNeeded: true, ask: db.probes.database },
  { name: 'migrations', isNeeded: true, ask: db.probes.migrations },
  { name: 'store', isNeeded: true, ask: images.probes.store },
  { name: 'mail', isNeeded: false, ask: () => mail.trouble(isThorough) },
  { name: 'images', isNeeded: false, ask: async () => { await images.probes.child(isThorough); return undefined } },
  {
    name: 'disk',
    isNeeded: false,
    async ask () {
      const free = await images.probes.freeBytes()
      return free < diskFloor ? `${Math.floor(free / 1_024 ** 2)} MiB of the disk are free, fewer than VISAGE_DISK_FLOOR` : undefined
    },
  },
  createClockProbe({ newest: db.read.changes.newestAt }),
]
