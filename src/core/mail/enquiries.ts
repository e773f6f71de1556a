import type { Queries, UserRow } from '../../db/index.ts'
import { inviterOf } from '../people/acceptance.ts'
import { newCode } from '../sign-in/codes.ts'
import type { Codes } from '../sign-in/codes.ts'
import { isHeld } from './emails.ts'
import type { Enquiry, Message } from './messages.ts'

type OfPerson = Enquiry & { enquiry: 'reset_password' | 'sign_in' }
const isOfPerson = (enquiry: Enquiry): enquiry is OfPerson => enquiry.enquiry !== 'invitation'

/** Of people who share a number, or somebody else's: more would let one enquiry send mails without end. */
const MEANT_MAX = 5

/**
 * Who is meant by an address or a number that somebody typed in without being signed in. It is found out after the
 * answer was given, so neither what the answer says nor how long it took can tell.
 */
export function createEnquiries ({ codes }: { codes: Codes }) {
  const template = { reset_password: 'reset-password', sign_in: 'sign-in-code' } as const

  async function ofInvitation (tx: Queries, id: number): Promise<{ userId: number, message: Message }[]> {
    const invitation = await tx.invitations.find(id)
    const inviter = invitation && await inviterOf(tx, invitation)
    if (invitation === undefined || inviter === undefined) return []
    const [code, { email }] = [newCode(), invitation]
    await tx.invitations.setHash(id, codes.hashOf(code))
    // Whoever is invited has no other name yet.
    return [{ userId: inviter.id, message: { template: 'invitation', to: email, params: { username: email, code }, invitationId: id } }]
  }

  async function find (tx: Queries, { enquiry, of, by }: OfPerson): Promise<UserRow[]> {
    if (enquiry === 'sign_in' && by !== 'email') return await tx.users.findByPhone(of)
    const person = await tx.users.findByEmail(of)
    return person === undefined ? [] : [person]
  }

  /** The messages with their codes; none when nobody is meant, or somebody who may not come in (by this address, not yet). */
  return async function resolve (tx: Queries, enquiry: Enquiry): Promise<{ userId: number, message: Message }[]> {
    if (!isOfPerson(enquiry)) return await ofInvitation(tx, Number(enquiry.of))
    const messages = []
    for (const person of await find(tx, enquiry)) {
      const { id: userId, username, email } = person
      if (!person.isActive || email === null || isHeld(person)) continue
      // Everybody who has the number gets a code of their own: or else whoever gives themselves another's keeps them out.
      const code = await codes.issue(tx, { userId, purpose: enquiry.enquiry, email })
      messages.push({ userId, message: { template: template[enquiry.enquiry], to: email, params: { username, code } } })
      if (messages.length === MEANT_MAX) break
    }
    return messages
  }
}
