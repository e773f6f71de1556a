import argon2 from 'argon2'
import fp from 'fastify-plugin'
import type { Config } from '../src/config.ts'
import { createGroups } from '../src/core/groups.ts'
import type { Groups } from '../src/core/groups.ts'
import { createKeys } from '../src/core/keys.ts'
import type { Keys } from '../src/core/keys.ts'
import { createPasswords } from '../src/core/passwords.ts'
import type { Passwords } from '../src/core/passwords.ts'
import { createPresence } from '../src/core/presence.ts'
import type { Presence } from '../src/core/presence.ts'
import { createUsers } from '../src/core/users.ts'
import type { Users } from '../src/core/users.ts'
import { openDatabase } from '../src/db/open.ts'
import type { Database } from '../src/db/open.ts'
import { openImages } from '../src/images/open.ts'
import type { Images } from '../src/images/open.ts'

export interface Core {
  db: Database
  images: Images
  passwords: Passwords
  users: Users
  groups: Groups
  keys: Keys
  presence: Presence
  close: () => Promise<void>
}

interface Options {
  config: Config
  /** The server holds the data folder for itself; an operator command works beside it. */
  exclusive: boolean
  log?: { warn: (details: object, message: string) => void } | undefined
}

const MAKE_ADMIN = 'npm run -s visage -- users create --admin --username … --email … --password …'
const PRESENCE_FLUSH_MS = 30_000
/** The floor that OWASP names for argon2id. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Opens the database and the media folder and builds the rules on them. Throws INSTANCE_LOCKED. */
export async function openCore ({ config, exclusive, log }: Options): Promise<Core> {
  const { dataDir, avatarMaxBytes, coverMaxBytes } = config
  const db = openDatabase({ dataDir, exclusive })
  try {
    const images = await openImages({ dataDir, maxBytes: { avatar: avatarMaxBytes, cover: coverMaxBytes }, ...log && { log } })
    const passwords = await createPasswords({
      hash: (password) => argon2.hash(password, ARGON2),
      verify: (hash, password) => argon2.verify(hash, password),
    })
    return assemble({ db, images, passwords, log })
  } catch (error) {
    await db.close()
    throw error
  }
}

function assemble ({ db, images, passwords, log }: Pick<Core, 'db' | 'images' | 'passwords'> & Pick<Options, 'log'>): Core {
  const presence = createPresence({ db })
  return {
    db,
    images,
    passwords,
    presence,
    users: createUsers({ db, images, passwords }),
    groups: createGroups({ db }),
    keys: createKeys({ db }),
    async close () {
      // Who was seen last is worth a try, not a database left open.
      const [flushed] = await Promise.allSettled([presence.flush(), images.close()])
      await db.close()
      if (flushed.status === 'rejected') log?.warn({ err: flushed.reason as unknown }, 'presence was not written')
    },
  }
}

declare module 'fastify' {
  interface FastifyInstance { core: Core }
}

/** `app.core`: everything below the routes. */
export default fp(async (app, { config }: { config: Config }) => {
  const core = await openCore({ config, exclusive: true, log: app.log })
  app.addHook('onClose', () => core.close())
  await core.images.sweepStaging()

  const flushing = setInterval(() => {
    core.presence.flush().catch((error: unknown) => app.log.warn({ err: error }, 'presence was not written'))
  }, PRESENCE_FLUSH_MS).unref()
  app.addHook('preClose', async () => clearInterval(flushing))

  app.addHook('onListen', async () => {
    if (!await core.users.hasAdmin()) app.log.info(`no admin exists yet; this makes one: ${MAKE_ADMIN}`)
    const { removed, missing } = await core.images.sweepOrphans((kind) => core.db.read.users.pictures(kind))
    if (removed > 0) app.log.info({ removed }, 'removed pictures that no account names')
    if (missing.length > 0) app.log.error({ missing }, 'pictures that accounts name are missing')
  })

  app.decorate('core', core)
}, { name: 'core' })
