import { randomBytes } from 'node:crypto'
import type { Queries, UserRow } from '../../db/index.ts'
import { AppError } from '../errors.ts'
import type { Seal } from '../seal/index.ts'

const TTL_MS = 5 * 60_000
/** How many codes may be tried with one ticket. */
const TRIES = 5
/** What tells a ticket from everything else that was sealed with the same key. */
const KIND = 'second-factor'

interface Ticket { kind: typeof KIND, id: string, userId: number, boundTo: string, expiresAt: number }

/**
 * What somebody holds who has shown a password or a mailed code and owes the code of the second factor. Sealed, so that nothing is
 * stored before it is tried; then a row counts the tries, for all processes and over a restart.
 */
export function createTickets ({ seal }: { seal: Seal }) {
  /** Another password, another address, the end of all sessions: a ticket from before does not count. */
  const bindingOf = ({ passwordHash, email, revokedAt }: UserRow): string => seal.hash(`ticket ${JSON.stringify([passwordHash, email, revokedAt])}`)

  return {
    issue (person: UserRow): string {
      const ticket: Ticket = { kind: KIND, id: randomBytes(16).toString('hex'), userId: person.id, boundTo: bindingOf(person), expiresAt: Date.now() + TTL_MS }
      return seal.close(JSON.stringify(ticket))
    },

    /** What a ticket of ours says, late or spent or not; undefined for any other text. */
    read (text: string): Ticket | undefined {
      try {
        const ticket = JSON.parse(seal.open(text)) as Ticket
        return ticket.kind === KIND ? ticket : undefined
      } catch {
        return undefined
      }
    },

    /** Whose ticket it is, if it still counts. Throws `invalid` (`ticket`). */
    async holder (tx: Queries, ticket: Ticket): Promise<UserRow> {
      const person = await tx.users.findRow(ticket.userId)
      const isGood = person?.isActive === true && ticket.expiresAt > Date.now() && bindingOf(person) === ticket.boundTo && await tx.tickets.triesOf(ticket.id) < TRIES
      if (!isGood) throw ticketInvalid()
      return person
    },

    /** Counts a wrong code. */
    tried: (tx: Queries, { id, userId, expiresAt }: Ticket): Promise<void> => tx.tickets.tried({ id, userId, expiresAt, tries: 1 }),
    /** It never counts again. */
    spend: (tx: Queries, { id, userId, expiresAt }: Ticket): Promise<void> => tx.tickets.tried({ id, userId, expiresAt, tries: TRIES }),
  }
}

/** What is thrown where a ticket does not count; why not is nobody's business. */
export const ticketInvalid = () => new AppError('invalid', { fields: [{ field: 'ticket', code: 'code_invalid' }] })

export type Tickets = ReturnType<typeof createTickets>
