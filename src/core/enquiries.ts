import type { Database } from '../db/open.ts'
import type { UserRow } from '../db/users.ts'
import type { Codes } from './codes.ts'
import { isHeld } from './emails.ts'
import type { Enquiry, Message } from './mail.ts'

/**
 * Who is meant by an address or a number that somebody typed in without being signed in. It is found out after the
 * answer was given, so neither what the answer says nor how long it took can tell.
 */
export function createEnquiries ({ db, codes }: { db: Database, codes: Codes }) {
  const find: Record<Enquiry['enquiry'], (of: string) => Promise<UserRow | undefined>> = {
    reset_password: (email) => db.read.users.findByEmail(email),
    sign_in: (phone) => db.read.users.findByPhone(phone),
  }
  const template = { reset_password: 'reset-password', sign_in: 'sign-in-code' } as const

  /** The message with its code; undefined when nobody is meant, or somebody who may not come in (by this address, not yet). */
  return async function resolve ({ enquiry, of }: Enquiry): Promise<{ userId: number, message: Message } | undefined> {
    const person = await find[enquiry](of)
    if (person?.isActive !== true || person.email === null || isHeld(person)) return undefined
    const { id: userId, username, email } = person
    const code = await db.write((tx) => codes.issue(tx, { userId, purpose: enquiry, email }))
    return { userId, message: { template: template[enquiry], to: email, params: { username, code } } }
  }
}
