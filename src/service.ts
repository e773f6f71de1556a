import { isMany } from './config.ts'
import { createCredentials } from './core/credentials/index.ts'
import { createExpiry } from './core/credentials/expiry.ts'
import { createSubjects } from './core/credentials/issuer.ts'
import { createKeys } from './core/credentials/keys.ts'
import { createSessions } from './core/credentials/sessions.ts'
import type { Signer } from './core/credentials/tokens.ts'
import { createDirectory } from './core/directory/index.ts'
import { createGroups } from './core/directory/groups.ts'
import { createSearchIndex } from './core/directory/search-index.ts'
import { createTags } from './core/directory/tags.ts'
import { createFindings } from './core/fields/findings.ts'
import { createProfileFields } from './core/fields/profile-fields.ts'
import { isReserved } from './core/fields/reserved.ts'
import { createFsck } from './core/fsck/index.ts'
import { createHealth } from './core/health.ts'
import { createLimits } from './core/limits/index.ts'
import { createPlaces, PLACES } from './core/limits/places.ts'
import { createMail } from './core/mail/index.ts'
import { createEmailReversal } from './core/mail/email-reversal.ts'
import { createEmails } from './core/mail/emails.ts'
import { createEnquiries } from './core/mail/enquiries.ts'
import { createAnnouncements } from './core/people/announcements.ts'
import { createDeletion } from './core/people/deletion.ts'
import { createHistory } from './core/people/history.ts'
import { createInvitations } from './core/people/invitations.ts'
import { createPresence } from './core/people/presence.ts'
import { createUsers } from './core/people/users.ts'
import { createPictures } from './core/pictures/index.ts'
import { createAvatars } from './core/pictures/avatars.ts'
import { createCollection } from './core/pictures/collection.ts'
import { createFaces } from './core/pictures/faces.ts'
import { createPictureUpgrade } from './core/pictures/picture-upgrade.ts'
import { createCursors } from './core/seal/cursors.ts'
import { createSealReset } from './core/seal/seal-proof.ts'
import { createSignatures } from './core/seal/signatures.ts'
import { createSignIn } from './core/sign-in/index.ts'
import { createCodes } from './core/sign-in/codes.ts'
import { createPasswordChange } from './core/sign-in/password-change.ts'
import { createPasswords } from './core/sign-in/passwords.ts'
import { createProof } from './core/sign-in/proof.ts'
import { createRefusals } from './core/sign-in/refusals.ts'
import { createSecondFactor } from './core/sign-in/second-factor.ts'
import { createSignInCodes } from './core/sign-in/sign-in-codes.ts'
import { createTickets } from './core/sign-in/tickets.ts'
import { dialled } from './db/index.ts'
import { authenticator } from './service/authenticator.ts'
import { createClosing } from './service/closing.ts'
import { openEngines } from './service/engines.ts'
import type { EngineOptions } from './service/engines.ts'
import { probesOf } from './service/probes.ts'
import { keptInDatabase, keptInFolder } from './service/signing-keys.ts'

/** Everything below the routes: the engines, and the rules on them. */
export interface Service extends Awaited<ReturnType<typeof openService>> {}

interface Options extends EngineOptions {
  /** Names that no declared field may have. */
  reservedKeys: ReadonlySet<string>
  /** Milliseconds of a clock that only goes forward: what limits are counted by. */
  clock?: () => number
  /** Its health is asked for once, by somebody who waits: what is only started when it is needed is started to see whether it does. */
  isThorough?: boolean
}

/** As long as a mail server may take to say something. */
const SMTP_MS = 12_000

/** Opens the engines and builds the rules on them, which is all that there is below the plugins. Throws a FolderError or a ConfigError. */
export async function openService ({ reservedKeys, clock, isThorough = false, ...options }: Options) {
  const { config, log, logs } = options
  const { db, images, seal, keep, mailer, hashes, issuer } = await openEngines(options)
  const now = clock && { now: clock }

  const cursors = createCursors({ seal })
  const searches = createPlaces(PLACES.searches)
  const limits = createLimits({ isOn: config.rateLimit, dialled, shared: db.uses, processes: db.processes.count, ...config.tokenRate !== undefined && { tokenRate: config.tokenRate }, ...now })
  const passwords = createPasswords(hashes, { minLength: config.passwordMin })
  const codes = createCodes({ seal })
  const mail = createMail({ db, seal, mailer, resolve: createEnquiries({ codes }), log: logs?.mail ?? log })
  const emails = createEmails({ db, codes, mail, limits })
  const proof = createProof({ db, seal, passwords, limits, authenticator })
  const keys = createKeys({ db, mail, proof, cursors })
  const isReservedHere = (name: string) => isReserved(name, config.reservedUsernames)
  const collection = createCollection({ db, images, log: logs?.images ?? log })
  const pictures = createPictures({ db, images, collection, places: createPlaces(PLACES.pictures) })
  const findings = createFindings({ db, images, isReserved: isReservedHere })
  const users = createUsers({ db, pictures, findings, passwords, emails, limits })
  const announcements = createAnnouncements({ db, log })
  const presence = createPresence({ db })
  const refusals = createRefusals({ db })
  const searchIndex = createSearchIndex({ db, log })
  const pictureUpgrade = createPictureUpgrade({ db, images, log })
  const subjects = issuer && createSubjects({ db, issuer, provision: config.jwtProvision, isReserved: isReservedHere })
  const health = createHealth({ ...now, ...isThorough && { patience: SMTP_MS }, probes: probesOf({ db, images, mail, diskFloor: config.diskFloor, isThorough }) })

  async function entomb (people: number[]): Promise<void> {
    if (config.backupDir !== undefined) await (await import('./backup/tombstones.ts')).addTombstones(config.backupDir, people)
  }

  return {
    db,
    images,
    /** Where what this service signs with is kept. */
    keepKey: isMany(config) ? keptInDatabase({ db, seal, dataDir: config.dataDir }) : keptInFolder(config.dataDir),

    users,
    deletion: createDeletion({ db, pictures, mail, proof, limits, log, entomb }),
    invitations: createInvitations({ db, users, codes, mail, limits, cursors, log }),
    /** What was done to accounts; `announcements` tell it as it happens. */
    history: createHistory({ db, cursors, places: searches }),
    announcements,
    presence,

    /** Checks a password; `proof` is fresh proof of who is in a session. */
    passwords,
    proof,
    signIn: createSignIn({ db, proof, codes, tickets: createTickets({ seal }), emails, limits, refusals }),
    signInCodes: createSignInCodes({ db, mail, limits }),
    secondFactor: createSecondFactor({ db, seal, mail, limits, proof, authenticator }),
    passwordChange: createPasswordChange({ db, passwords, codes, mail, limits, proof }),
    /** Sign-ins that were refused, until they are in the log. */
    refusals,
    /** API tokens. */
    keys,
    expiry: createExpiry({ db, auditDays: config.auditDays }),
    /** What needs a signer, which the operator's commands can do without. */
    credentialsBy: (signer: Signer) => ({
      ...createCredentials({ db, signer, subjects, acceptMinted: config.mintedTokens }),
      sessions: createSessions({ db, keys, cursors, signer, accessTtl: config.accessTtl, refreshTtl: config.refreshTtl, refreshGrace: config.refreshGrace }),
    }),

    mail,
    emails,
    emailReversal: createEmailReversal({ db, codes, emails, mail }),
    /** Codes as they are mailed. */
    codes,

    directory: createDirectory({ db, presence, cursors, places: searches }),
    groups: createGroups({ db, cursors }),
    tags: createTags({ db, cursors }),
    searchIndex,
    profileFields: createProfileFields({ db, reservedKeys, log }),

    avatars: createAvatars({ db, pictures, findings, cursors }),
    /** The pictures that everybody may see, by whom they show. */
    faces: createFaces({ db, images, byMd5: config.gravatarMd5, isPrivate: config.privateMedia }),
    /** Removes what nobody has from a store of pictures that is tracked. */
    collection,
    /** For the addresses of pictures that not everybody may see. */
    signatures: createSignatures({ seal }),
    /** Makes the sizes of pictures from before there were any. Resolves to how many. */
    upgradePictures: pictureUpgrade.run,

    /** Whether requests would be answered. */
    health,
    limits,
    /** How many wait in each queue that all share. */
    queues: async () => ({
      images: pictures.waiting() + images.figures().waiting,
      hashes: passwords.waiting(),
      readers: searches.waiting() + db.figures().queriesWaiting,
      mail: await db.read.mails.count(),
    }),
    fsck: createFsck({ db, images, remove: pictures.remove, mail, seal }),
    /** For a folder whose seal key is lost. */
    sealReset: createSealReset({ db, mail, seal, keep }),
    ...createClosing({ db, images, issuer, health, stops: [mail.close, collection.stop, pictureUpgrade.stop, searchIndex.stop], flushes: [presence.flush, refusals.flush], settled: announcements.settled, log }),
  }
}
