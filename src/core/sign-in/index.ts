import type { Database, Queries, UserRow } from '../../db/index.ts'
import type { Begin, Origin } from '../credentials/sessions.ts'
import { AppError, refuse } from '../errors.ts'
import type { Limits } from '../limits/index.ts'
import { networkOf } from '../limits/network.ts'
import { isHeld } from '../mail/emails.ts'
import type { Emails } from '../mail/emails.ts'
import type { WriteOptions } from '../people/revision.ts'
import { codeInvalid } from './codes.ts'
import type { Codes } from './codes.ts'
import { meant, typed } from './logins.ts'
import type { Login } from './logins.ts'
import { createOutcomes } from './outcomes.ts'
import type { Proof } from './proof.ts'
import type { Refusals } from './refusals.ts'
import { ticketInvalid } from './tickets.ts'
import type { Tickets } from './tickets.ts'

/** What goes with a password or a code: where it comes from, the second factor's code, and whether a ticket is wanted where that code is missing. */
type Company = Origin & { otp?: string | undefined, wantsTicket?: boolean }

interface Needs { db: Database, proof: Proof, codes: Codes, tickets: Tickets, emails: Emails, limits: Limits, refusals: Refusals }

/** Somebody is in, or owes the code of the second factor. */
type Outcome<T> = { value: T } | { ticket: string }

/** The ways to prove who one is; `start` opens the session in the same transaction. */
export function createSignIn ({ db, proof, codes, tickets, emails, limits, refusals }: Needs) {
  /** Lets somebody in who has shown what comes first. A ticket is a value and no error, so that what comes first stays spent. */
  async function enter<T> (tx: Queries, { id }: UserRow, { otp, wantsTicket = false, ...origin }: Company, start: Begin<T>): Promise<Outcome<T>> {
    const found = await proof.findingsOfSecondFactor(tx, id, otp)
    const now = await tx.users.findRow(id)
    if (wantsTicket && now !== undefined && found[0]?.code === 'second_factor_required') return { ticket: tickets.issue(now) }
    refuse(found)
    return { value: await start(tx, { id }, origin) }
  }

  function valueOf<T> (outcome: Outcome<T>): T {
    if ('ticket' in outcome) throw new AppError('second_factor_required', { params: { ticket: outcome.ticket } })
    return outcome.value
  }

  /**
   * Unknown, inactive or the wrong password: `bad_credentials`, at the same cost. `invalid` (`otp`) when the second factor is missing
   * or wrong; where it is missing and a ticket is wanted, `second_factor_required` with one among its params. `throttled`.
   */
  async function byPassword<T> (login: Login, password: string, company: Company, start: Begin<T>): Promise<T> {
    const { address, family = 'service' } = company
    let known: UserRow | undefined
    const attempt = await limits.signIn({ account: typed(login), address })
    const { findByEmail, findByUsername } = db.read.users
    const wrong = () => new AppError('bad_credentials')
    const find = async () => known = await meant(login, findByEmail, findByUsername)
    const result = await refusals.watch({ family, address }, () => known?.id, () => proof.ofPassword({ find, password, who: networkOf(address), wrong }, async (tx, person) => {
      if (!person.isActive) throw wrong()
      return await enter(tx, person, company, start)
    }))
    await attempt.succeeded()
    return valueOf(result)
  }

  const outcomes = createOutcomes()

  const by = {
    byPassword,

    /** By a code that was mailed; for a ticket it is spent. Throws `invalid` (`code`, `otp`), `second_factor_required` as `byPassword` does, `throttled`. */
    async byCode<T> (code: string, company: Company, start: Begin<T>): Promise<T> {
      const found = await codes.find(db.read, code, 'sign_in')
      const attempt = await limits.signIn({ account: found?.userId ?? code, address: company.address })
      const { family = 'service', address } = company
      const result = await refusals.watch({ family, address }, () => found?.userId, () => db.write(async (tx) => {
        const spent = await codes.spend(tx, code, 'sign_in')
        const person = spent && await tx.users.findRow(spent.userId)
        if (person?.isActive !== true || person.email !== spent?.email || isHeld(person)) throw codeInvalid()
        return await enter(tx, person, company, start)
      }))
      await attempt.succeeded()
      return valueOf(result)
    },

    /** By a ticket and the code of the second factor; from any network. Throws `invalid` (`ticket`, `otp`), `throttled`. */
    async byTicket<T> (text: string, otp: string, origin: Origin, start: Begin<T>): Promise<T> {
      const ticket = tickets.read(text)
      const attempt = await limits.signIn({ account: ticket?.userId ?? text, address: origin.address })
      if (ticket === undefined) throw ticketInvalid()
      const { family = 'service', address } = origin
      const result = await db.write(async (tx) => {
        const { id } = await tickets.holder(tx, ticket)
        const found = await proof.findingsOfSecondFactor(tx, id, otp)
        // A value and no error, so that the try stays counted.
        if (found.length > 0) {
          await tickets.tried(tx, ticket)
          return { found }
        }
        await tickets.spend(tx, ticket)
        return { value: await start(tx, { id }, origin) }
      })
      if ('found' in result) {
        refusals.note(ticket.userId, { family, address })
        throw new AppError('invalid', { fields: result.found })
      }
      await attempt.succeeded()
      return result.value
    },

    /** By the code that confirms an address, once; of one that nobody has proved to own yet it confirms alone. Throws `invalid` (`code`, `otp`), `throttled`, `precondition_failed`. */
    async byConfirming<T> (code: string, { otp, ...origin }: Company, options: WriteOptions, start: Begin<T>): Promise<T> {
      const found = await codes.find(db.read, code, 'confirm_email')
      const attempt = await limits.signIn({ account: found?.userId ?? code, address: origin.address })
      const result = await emails.confirm(code, options, async (tx, account) => {
        if (!account.isActive) throw codeInvalid()
        if (isHeld(account)) refuse([{ field: 'code', code: 'code_confirms_only' }])
        await proof.ofSecondFactor(tx, account.id, otp)
        return await start(tx, account, origin)
      })
      await attempt.succeeded()
      return result
    },
  }

  return {
    outcomes: outcomes.counts,
    byPassword: <T>(...about: Parameters<typeof by.byPassword<T>>) => outcomes.of('password', by.byPassword(...about)),
    byCode: <T>(...about: Parameters<typeof by.byCode<T>>) => outcomes.of('code', by.byCode(...about)),
    byTicket: <T>(...about: Parameters<typeof by.byTicket<T>>) => outcomes.of('ticket', by.byTicket(...about)),
    byConfirming: <T>(...about: Parameters<typeof by.byConfirming<T>>) => outcomes.of('confirming', by.byConfirming(...about)),
  }
}
