// What several processes stand on: PostgreSQL, a bucket of Ceph's and a mail server, each from nothing.
import { randomBytes } from 'node:crypto'
import { startPostgres } from '../../test/postgres.ts'
import type { PostgresServer } from '../../test/postgres.ts'
import { startCeph } from '../ceph.ts'
import type { Ceph } from '../ceph.ts'
import { startMailServer } from './mails.ts'
import type { MailServer } from './mails.ts'

export interface Engines {
  postgres: PostgresServer
  ceph: Ceph
  mails: MailServer
  /** A new database, a new bucket and a new key, as settings of a service. */
  newPlace: () => Promise<Record<string, string>>
  end: () => Promise<void>
}

export async function startEngines (): Promise<Engines> {
  // One after the other: each waits for programs, and nothing else goes on meanwhile.
  const [mails, postgres, ceph] = [await startMailServer(), await startPostgres('18'), await startCeph()]
  let places = 0
  return {
    postgres,
    ceph,
    mails,
    newPlace: async () => ({
      VISAGE_DATABASE_URL: await postgres.createDatabase(),
      VISAGE_STORE_URL: await ceph.createBucket(`visage-${places++}`),
      VISAGE_SEAL_KEY: randomBytes(32).toString('base64url'),
      VISAGE_SMTP_URL: mails.url,
    }),
    async end () {
      await Promise.all([ceph.end(), mails.end(), postgres.stop('SIGQUIT')])
    },
  }
}
