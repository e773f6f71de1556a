import type { Database, MailRow, Queries } from '../../db/index.ts'
import type { Seal } from '../seal/index.ts'
import type { Enquiry, Mailer, Message } from './messages.ts'

/** The messages that answer an enquiry, written in the transaction that ends it. */
export type Resolve = (tx: Queries, enquiry: Enquiry) => Promise<{ userId: number, message: Message }[]>

interface Needs {
  db: Database
  seal: Seal
  mailer: Mailer
  resolve: Resolve
  /** Puts a message into the queue. */
  post: (tx: Queries, userId: number, message: Message) => Promise<void>
  log?: { warn: (details: object, message: string) => void } | undefined
  now: () => number
}

const AT_ONCE = 16
/** Longer than sending takes. Whoever was killed meanwhile leaves the message to the others. */
const CLAIM_MS = 60_000
const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 5 * 60_000
/** After this a message that nobody takes is given up. */
const GIVE_UP_MS = 3 * 86_400_000

/** The way of messages from the queue to whoever takes them. */
export function createDelivery ({ db, seal, mailer, resolve, post, log, now }: Needs) {
  let delivering: Promise<void> | undefined
  let closing: Promise<void> | undefined

  /** The recipient may have been removed for good while the message was on its way. */
  async function forgetIfGone (userId: number): Promise<void> {
    try {
      const gone = await goneOf(db.read, [userId])
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
    try {
      const content = JSON.parse(seal.open(row.sealed)) as Message | Enquiry
      if ('enquiry' in content) return await answer(row, content)
      const owner = content.invitationId === undefined ? row.userId as number : -content.invitationId
      const isVoid = owner < 0 && (await goneOf(db.read, [owner])).length > 0
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

  /** Makes these ours, of all processes: at once, or one by one where one of them cannot be. */
  async function claim (ids: readonly number[]): Promise<{ rows: MailRow[], failed: [id: number, reason: unknown][] }> {
    try {
      return { rows: await db.write((tx) => tx.mails.claim(ids, now(), now() + CLAIM_MS)), failed: [] }
    } catch (reason) {
      if (isOfDatabase(reason)) throw reason
      if (ids.length === 1) return { rows: [], failed: ids.map((id) => [id, reason]) }
      const each = await Promise.all(ids.map((id) => claim([id])))
      return { rows: each.flatMap(({ rows }) => rows), failed: each.flatMap(({ failed }) => failed) }
    }
  }

  /** A message that fails here waits for the next round and does not hold up the others. If the database itself fails, the round ends. */
  async function deliverDue (): Promise<void> {
    const failed = new Set<number>()
    const fail = (id: number, reason: unknown): void => {
      failed.add(id)
      log?.warn({ err: reason, mail: id }, 'a mail could not be processed; it will be tried again')
    }
    while (closing === undefined) {
      const due = (await db.read.mails.due(now(), AT_ONCE + failed.size)).filter(({ id }) => !failed.has(id))
      if (due.length === 0) return
      const claimed = await claim(due.map(({ id }) => id))
      for (const [id, reason] of claimed.failed) fail(id, reason)
      const done = await Promise.allSettled(claimed.rows.map(deliverOne))
      for (const [i, result] of done.entries()) if (result.status === 'rejected') fail(claimed.rows[i]?.id ?? 0, result.reason)
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
    /** Sends what is due; resolves when each was sent or put off. One delivery at a time, or a message would be sent twice. */
    async deliver (): Promise<void> {
      delivering ??= deliverDue().finally(() => { delivering = undefined })
      await delivering
    },

    /** Waits for what is being sent; the rest is for the next start. However often it is called, it closes once. */
    close: (): Promise<void> => closing ??= finish(),
  }
}

/** Of whom there is nothing any more: people, and invitations below zero. */
export async function goneOf (rows: Queries, owners: readonly number[]): Promise<number[]> {
  const invitations = owners.filter((owner) => owner < 0).map((owner) => -owner)
  return [...await rows.users.gone(owners.filter((owner) => owner > 0)), ...(await rows.invitations.gone(invitations)).map((id) => -id)]
}

const isOfDatabase = (error: unknown): boolean => String((error as { code?: unknown } | undefined)?.code).startsWith('DATABASE_')
