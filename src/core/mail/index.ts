import type { Database, Queries } from '../../db/index.ts'
import type { Seal } from '../seal/index.ts'
import { createDelivery, goneOf } from './delivery.ts'
import type { Resolve } from './delivery.ts'
import type { Enquiry, Mailer, Message } from './messages.ts'
import { createQueue } from './queue.ts'

interface Needs {
  db: Database
  seal: Seal
  mailer: Mailer
  resolve: Resolve
  log?: { warn: (details: object, message: string) => void } | undefined
  /** Milliseconds; what waiting is counted by. */
  now?: () => number
}

/** Messages are queued in the transaction that is their reason, and sent after its commit until somebody takes them. */
export function createMail ({ db, seal, mailer, resolve, log, now = Date.now }: Needs) {
  async function queue (tx: Queries, userId: number | null, content: Message | Enquiry): Promise<void> {
    const createdAt = now()
    await tx.mails.insert({ userId, sealed: seal.close(JSON.stringify(content)), nextAt: createdAt, createdAt })
  }

  /** In the language that the person has as the transaction sees them. */
  async function post (tx: Queries, userId: number, message: Message): Promise<void> {
    const person = await tx.users.findRow(userId)
    await queue(tx, userId, { ...message, ...person && { language: person.language } })
  }

  return {
    post,
    enquire: (tx: Queries, enquiry: Enquiry): Promise<void> => queue(tx, null, enquiry),

    ...createDelivery({ db, seal, mailer, resolve, post, log, now }),
    ...createQueue({ db, seal, now }),
    trouble: mailer.trouble,
    forget: mailer.forget,
    forgetInvitations: (ids: readonly number[]): Promise<void> => ids.length === 0 ? Promise.resolve() : mailer.forget(ids.map((id) => -id)),

    /** Of whom there are messages although they are gone: a crash came between their removal and that of these. */
    async ownersGone (): Promise<number[]> {
      const gone = new Set<number>()
      for await (const owners of mailer.owners()) for (const owner of await goneOf(db.read, owners)) gone.add(owner)
      return [...gone].sort((a, b) => a - b)
    },
  }
}

export type Mail = ReturnType<typeof createMail>
