import type { Database, Queries } from '../../db/index.ts'
import type { Seal } from '../seal/index.ts'
import type { Enquiry, Message, Template } from './messages.ts'

const PAGE = 100

/** A message in the queue, as an operator may see it; the template is null where it cannot be read. */
export interface Waiting {
  id: number
  userId: number | null
  template: Template | Enquiry['enquiry'] | null
  /** null for an enquiry, of which nobody may learn whether anybody is meant. */
  to: string | null
  attempts: number
  createdAt: number
  nextAt: number
}

/** The messages that wait to be sent, for an operator. */
export function createQueue ({ db, seal, now }: { db: Database, seal: Seal, now: () => number }) {
  /** Without the codes that are in it. */
  function whatOf (sealed: string): Pick<Waiting, 'template' | 'to'> {
    try {
      const content = JSON.parse(seal.open(sealed)) as Message | Enquiry
      return 'enquiry' in content ? { template: content.enquiry, to: null } : { template: content.template, to: content.to }
    } catch {
      // Sealed with a key that is lost.
      return { template: null, to: null }
    }
  }

  async function each (id: number | undefined, work: (tx: Queries, mailId: number) => Promise<boolean>): Promise<number> {
    if (id !== undefined) return Number(await db.write((tx) => work(tx, id)))
    let count = 0
    let last = 0
    do {
      const ids = (await db.read.mails.page(last, PAGE)).map((row) => row.id)
      count += await db.write(async (tx) => {
        let done = 0
        for (const mailId of ids) done += Number(await work(tx, mailId))
        return done
      })
      last = ids.at(-1) ?? 0
    } while (last !== 0)
    return count
  }

  return {
    /** What waits to be sent, by id, a page at a time. */
    async waiting (after: number, limit: number): Promise<Waiting[]> {
      const rows = await db.read.mails.page(after, limit)
      return rows.map(({ id, userId, attempts, createdAt, nextAt, sealed }) => ({ id, userId, attempts, createdAt, nextAt, ...whatOf(sealed) }))
    },

    /** Makes a message due, or all. Resolves to how many. */
    hasten: (id?: number): Promise<number> => each(id, (tx, mailId) => tx.mails.hasten(mailId, now())),

    /** Drops a message, or all. Resolves to how many. */
    drop: (id?: number): Promise<number> => each(id, (tx, mailId) => tx.mails.remove(mailId)),
  }
}
