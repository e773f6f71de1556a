import { clearStaging } from '../backup/layout.ts'
import { ConfigError, isMany, originOf } from '../config.ts'
import type { Config } from '../config.ts'
import { trackedStore } from '../core/pictures/tracked-store.ts'
import type { Mailer } from '../core/mail/messages.ts'
import { areLost } from '../core/pictures/lost-pictures.ts'
import type { Hasher } from '../core/sign-in/passwords.ts'
import { FolderError, hasDatabase, openDatabase } from '../db/index.ts'
import type { Database } from '../db/index.ts'
import { hasher } from '../hashing/index.ts'
import { openImages } from '../images/open.ts'
import type { Images } from '../images/open.ts'
import { holdsPictures } from '../images/store/disk.ts'
import { openIssuer } from '../issuer/index.ts'
import type { OpenIssuer } from '../issuer/index.ts'
import { openMailer } from '../mail/open.ts'
import type { MailSender } from '../visage.ts'
import { openBucket, settleStore } from './picture-store.ts'
import { openSeal } from './seal-key.ts'
import type { SealKey } from './seal-key.ts'

const WITHOUT = 'npm run -s visage -- fsck --repair --without-pictures'

export interface Log {
  info: (details: object, message: string) => void
  warn: (details: object, message: string) => void
}

export interface EngineOptions {
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
  hashes?: Hasher
  /** Begins with a new seal key, which is kept when the seal has been reset. */
  hasNewSeal?: boolean
  /** Opens what is filled by a move, or was moved. */
  isMoving?: boolean
}

/** What the rules are built on. Whoever opens them closes them, the database last. */
export interface Engines extends SealKey {
  db: Database
  images: Images
  mailer: Mailer
  hashes: Hasher
  /** Null where no other service's tokens count. */
  issuer: OpenIssuer | null
}

/** Opens the database, the pictures, the key, and the ways to others. Throws a FolderError or a ConfigError, and then nothing is open. */
export async function openEngines ({ config, exclusive, log, logs, sender, linkUrl = () => config.linkUrl ?? config.publicUrl ?? originOf(config.host, config.port), hashes = hasher, hasNewSeal = false, isMoving = false }: EngineOptions): Promise<Engines> {
  const { dataDir, sealKey, databaseUrl: url, databasePool: connections, avatarMaxBytes, coverMaxBytes, smtpUrl, mailFrom: from } = config
  // A new database would know of none of them, and the next sweep would remove them all.
  if (url === undefined && !hasDatabase(dataDir) && await holdsPictures(dataDir)) throw new FolderError('DATABASE_LOST', `${dataDir} holds pictures of accounts and no visage.db: put the database back, or move the pictures away to begin anew`)
  // Files in the folder of whichever process was asked are no way out.
  if (exclusive && isMany(config) && smtpUrl === undefined && sender === undefined) throw new ConfigError('VISAGE_SMTP_URL: needed where VISAGE_DATABASE_URL and VISAGE_STORE_URL are set, because each process has a data folder of its own')
  const bucket = await openBucket(config, exclusive)
  const db = await openDatabase({ dataDir, exclusive, isMoving, tracksPictures: bucket?.store.isTracked === true, ...url !== undefined && { url, connections, isShared: isMany(config) } })
  if (db.backup !== undefined) log?.info({ file: db.backup }, 'the database was copied before the update; the copy goes after a week')
  try {
    if (url !== undefined && !isMoving && !await db.read.users.isAnybody() && await holdsPictures(dataDir)) throw new FolderError('DATABASE_LOST', `${dataDir} holds pictures of accounts, and the database has no accounts: name the right one in VISAGE_DATABASE_URL, or move the pictures away to begin anew`)
    if (exclusive) await clearStaging(dataDir)
    if (!isMoving) await settleStore({ db, dataDir, bucket }, exclusive)
    // Whoever moves pictures repeats it, until rows say where they are.
    const store = bucket && (isMoving ? bucket.store : trackedStore(bucket.store, db))
    const seal = await openSeal({ dataDir, db, given: sealKey, isNew: hasNewSeal })
    const images = await openImages({ dataDir, ...store && { store }, maxBytes: { avatar: avatarMaxBytes, cover: coverMaxBytes }, ...log && { log: logs?.images ?? log } })
    // The sweep would remove what lies there, which may be another service's.
    if (exclusive && await areLost({ db, images })) throw new FolderError('PICTURES_LOST', `none of the pictures that accounts have is in ${bucket?.place ?? dataDir}: name the right ${bucket === undefined ? 'folder in VISAGE_DATA_DIR' : 'bucket in VISAGE_STORE_URL'}, or put the pictures back. This goes on without them: ${WITHOUT}`)
    return {
      db,
      ...seal,
      images,
      mailer: await openMailer({ dataDir, from, linkUrl, ...smtpUrl !== undefined && { smtpUrl }, ...sender && { sender }, ...log && { log: logs?.mail ?? log } }),
      hashes,
      issuer: await openIssuer(config, log),
    }
  } catch (error) {
    await db.close()
    throw error
  }
}
