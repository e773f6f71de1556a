import type { MailRow } from '../../db/mails.ts'
import type { Database, Queries } from '../../db/open.ts'
import type { Seal } from '../seal/index.ts'
import { createQueue } from './queue.ts'

/** The texts there are; what stands in them is the transport's business. */
export type Template = 'confirm-email' | 'change-email' | 'email-changed' | 'revert-email' | 'reset-password' | 'password-changed' | 'sign-in-code' | 'second-factor-changed' | 'token-created' | 'invitation'

export interface Message {
  template: Template
  to: string
  /** What the text names: always `username`; `code` where there is one; `email` for an address other than `to`. */
  params: { username: string, code?: string, email?: string }
  /** The language of whoever reads it, a tag as the account has it; absent for an address that is nobody's. */
  language?: string
  /** Of the invitation that it is, to somebody who has no account. */
  invitationId?: number
}

/** Somebody asked for a code, and nobody may learn from the answer whether anybody is meant: that is found out after it. */
export interface Enquiry {
  enquiry: 'reset_password' | 'sign_in' | 'invitation'
  /** An address; or the number of somebody who wants to sign in, unless it is said that this is an address as well; or the id of an invitation. */
  of: string
  by?: 'email'
}

/** How messages leave. The core knows no transport. */
export interface Mailer {
  /** Resolves when somebody else has the message for good. `id` is the same at every attempt; `userId` is whose it is: a person's, or an invitation's below zero. */
  send: (message: Message & { id: string, userId: number }) => Promise<void>
  /** Forgets what is still here of the messages to these people. */
  forget: (userIds: readonly number[]) => Promise<void>
  /** Whose messages are still here, a page at a time. Somebody may be on several pages. */
  owners: () => AsyncIterable<number[]>
  /** Why messages do not leave, if they do not; an earlier failure is asked about again. `isNew`: asks whether they would, although none has failed. */
  trouble: (isNew?: boolean) => Promise<string | undefined>
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

  /** In the language that the person has as the transaction sees them. */
  async function post (tx: Queries, userId: number, message: Message): Promise<void> {
    const person = await tx.users.findRow(userId)
    await queue(tx, userId, { ...message, ...person && { language: person.language } })
  }

  /** Of whom there is nothing any more: people, and invitations below zero. */
  async function goneOf (owners: readonly number[]): Promise<number[]> {
    const invitations = owners.filter((owner) => owner < 0).map((owner) => -owner)
    return [...await db.read.users.gone(owners.filter((owner) => owner > 0)), ...(await db.read.invitations.gone(invitations)).map((id) => -id)]
  }

  /** The recipient may have been removed for good while the message was on its way. */
  async function forgetIfGone (userId: number): Promise<void> {
    try {
      const gone = await goneOf([userId])
      if (gone.length > 0) await mailer.forget(gone)
    } catch (error) {
      // The message was sent all the same. The next start removes its file.
      log?.warn({ err: error, userId }, 'a mail to somebody who is gone could not be removed')
    }
  }

  /** What answers an enquiry takes its place in the queue, and is sent from there. */
  async function answer (row: MailRow, enquiry: Enquiry): Promise<void> {
    await db.write(async (tx) => {
      for (const { userId, message } of await resolve(tx, enquiry)) await post(tx, userId, message)
      await tx.mails.remove(row.id)
    })
  }

  async function deliverOne (row: MailRow): Promise<void> {
    // Of several processes one sends it.
    if (!await db.write((tx) => tx.mails.claim(row, now() + CLAIM_MS))) return
    try {
      const content = JSON.parse(seal.open(row.sealed)) as Message | Enquiry
      if ('enquiry' in content) return await answer(row, content)
      const owner = content.invitationId === undefined ? row.userId as number : -content.invitationId
      const isVoid = owner < 0 && (await goneOf([owner])).length > 0
      if (!isVoid) {
        await mailer.send({ ...content, id: `${row.id}.${row.createdAt}`, userId: owner })
        await forgetIfGone(owner)
      }
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

  /** A message that fails here waits for the next round and does not hold up the others. If the database itself fails, the round ends. */
  async function deliverDue (): Promise<void> {
    const failed = new Set<number>()
    while (closing === undefined) {
      const due = (await db.read.mails.due(now(), AT_ONCE + failed.size)).filter(({ id }) => !failed.has(id))
      if (due.length === 0) return
      const done = await Promise.allSettled(due.map(deliverOne))
      for (const [i, result] of done.entries()) {
        if (result.status === 'fulfilled') continue
        const { id } = due[i] as MailRow
        failed.add(id)
        log?.warn({ err: result.reason as unknown, mail: id }, 'a mail could not be processed; it will be tried again')
      }
      const ofAll = done.find((result) => result.status === 'rejected' && isOfDatabase(result.reason))
      if (ofAll?.status === 'rejected') throw ofAll.reason
    }
  }

  async function finish (): Promise<void> {
    // First, because it ends waiting for a server that says nothing.
    await mailer.close()
    await delivering?.catch(() => {})
  }

  return {
    post,
    enquire: (tx: Queries, enquiry: Enquiry): Promise<void> => queue(tx, null, enquiry),

    /** Sends what is due; resolves when each was sent or put off. One delivery at a time, or a message would be sent twice. */
    async deliver (): Promise<void> {
      delivering ??= deliverDue().finally(() => { delivering = undefined })
      await delivering
    },

    ...createQueue({ db, seal, now }),
    trouble: mailer.trouble,
    forget: mailer.forget,
    forgetInvitations: (ids: readonly number[]): Promise<void> => ids.length === 0 ? Promise.resolve() : mailer.forget(ids.map((id) => -id)),

    /** Of whom there are messages although they are gone: a crash came between their removal and that of these. */
    async ownersGone (): Promise<number[]> {
      const gone = new Set<number>()
      for await (const owners of mailer.owners()) for (const owner of await goneOf(owners)) gone.add(owner)
      return [...gone].sort((a, b) => a - b)
    },

    /** Waits for what is being sent; the rest is for the next start. However often it is called, it closes once. */
    close: (): Promise<void> => closing ??= finish(),
  }
}

const isOfDatabase = (error: unknown): boolean => String((error as { code?: unknown } | undefined)?.code).startsWith('DATABASE_')

export type Mail = ReturnType<typeof createMail>
