import type { MailRow } from '../db/mails.ts'
import type { Database, Queries } from '../db/open.ts'
import type { Seal } from './seal.ts'

/** The texts there are; what stands in them is the transport's business. */
export type Template = 'confirm-email' | 'change-email' | 'email-changed' | 'revert-email' | 'reset-password' | 'password-changed' | 'sign-in-code' | 'second-factor-changed' | 'token-created'

export interface Message {
  template: Template
  to: string
  /** What the text names: always `username`; `code` where there is one; `email` for an address other than `to`. */
  params: { username: string, code?: string, email?: string }
}

/** Somebody asked for a code, and nobody may learn from the answer whether anybody is meant: that is found out after it. */
export interface Enquiry { enquiry: 'reset_password' | 'sign_in', of: string }

/** How messages leave. The core knows no transport. */
export interface Mailer {
  /** Resolves when somebody else has the message for good. `id` is the same at every attempt. */
  send: (message: Message & { id: string, userId: number }) => Promise<void>
  /** Forgets what is still here of the messages to a person. */
  forget: (userId: number) => Promise<void>
  /** Of whom messages are still here. */
  owners: () => Promise<number[]>
  /** What is being sent may finish, but soon; then it fails like anything that is sent later. */
  close: () => Promise<void>
}

/** The messages that answer an enquiry, written in the transaction that ends it. */
type Resolve = (tx: Queries, enquiry: Enquiry) => Promise<{ userId: number, message: Message }[]>

interface Needs {
  db: Database
  seal: Seal
  mailer: Mailer
  resolve: Resolve
  log?: { warn: (details: object, message: string) => void } | undefined
  /** Milliseconds; what waiting is counted by. */
  now?: () => number
}

const AT_ONCE = 16
/** Longer than sending takes. Whoever was killed meanwhile leaves the message to the others. */
const CLAIM_MS = 60_000
const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 5 * 60_000
/** After this a message that nobody takes is given up. */
const GIVE_UP_MS = 3 * 86_400_000

/** Messages are queued in the transaction that is their reason, and sent after its commit until somebody takes them. */
export function createMail ({ db, seal, mailer, resolve, log, now = Date.now }: Needs) {
  let delivering: Promise<void> | undefined
  let closing: Promise<void> | undefined

  async function queue (tx: Queries, userId: number | null, content: Message | Enquiry): Promise<void> {
    const createdAt = now()
    await tx.mails.insert({ userId, sealed: seal.close(JSON.stringify(content)), nextAt: createdAt, createdAt })
  }

  /** Removed for good while a message to them was on its way. */
  async function isGone (userId: number): Promise<boolean> {
    return await db.read.users.find(userId) === undefined && await db.read.users.findDeleted(userId) === undefined
  }

  /** What answers an enquiry takes its place in the queue, and is sent from there. */
  async function answer (row: MailRow, enquiry: Enquiry): Promise<void> {
    await db.write(async (tx) => {
      for (const { userId, message } of await resolve(tx, enquiry)) await queue(tx, userId, message)
      await tx.mails.remove(row.id)
    })
  }

  async function deliverOne (row: MailRow): Promise<void> {
    // Of several processes one sends it.
    if (!await db.write((tx) => tx.mails.claim(row, now() + CLAIM_MS))) return
    try {
      const content = JSON.parse(seal.open(row.sealed)) as Message | Enquiry
      if ('enquiry' in content) return await answer(row, content)
      const userId = row.userId as number
      await mailer.send({ ...content, id: `${row.id}.${row.createdAt}`, userId })
      if (await isGone(userId)) await mailer.forget(userId)
    } catch (error) {
      if (now() - row.createdAt < GIVE_UP_MS) {
        const wait = Math.min(FIRST_RETRY_MS * 2 ** row.attempts, LONGEST_RETRY_MS)
        log?.warn({ err: error, mail: row.id, attempts: row.attempts + 1 }, 'a mail could not be sent; it will be tried again')
        await db.write((tx) => tx.mails.postpone(row.id, now() + wait))
        return
      }
      log?.warn({ err: error, mail: row.id }, 'a mail could not be sent for three days and is given up')
    }
    await db.write((tx) => tx.mails.remove(row.id))
  }

  async function deliverDue (): Promise<void> {
    while (closing === undefined) {
      const due = await db.read.mails.due(now(), AT_ONCE)
      if (due.length === 0) return
      await Promise.all(due.map(deliverOne))
    }
  }

  async function finish (): Promise<void> {
    // First, because it ends waiting for a server that says nothing.
    await mailer.close()
    await delivering?.catch(() => {})
  }

  return {
    post: (tx: Queries, userId: number, message: Message): Promise<void> => queue(tx, userId, message),
    enquire: (tx: Queries, enquiry: Enquiry): Promise<void> => queue(tx, null, enquiry),

    /** Sends what is due; resolves when each was sent or put off. One delivery at a time, or a message would be sent twice. */
    async deliver (): Promise<void> {
      delivering ??= deliverDue().finally(() => { delivering = undefined })
      await delivering
    },

    forget: mailer.forget,

    /** Of whom there are messages although they are gone: a crash came between their removal and that of these. */
    async ownersGone (): Promise<number[]> {
      const gone: number[] = []
      for (const userId of await mailer.owners()) if (await isGone(userId)) gone.push(userId)
      return gone
    },

    /** Waits for what is being sent; the rest is for the next start. However often it is called, it closes once. */
    close: (): Promise<void> => closing ??= finish(),
  }
}

export type Mail = ReturnType<typeof createMail>
