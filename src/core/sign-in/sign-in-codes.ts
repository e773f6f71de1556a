import type { Database } from '../../db/index.ts'
import type { Limits } from '../limits/index.ts'
import type { Mail } from '../mail/index.ts'

/** Codes that stand in for a password: asked for by number or address, mailed to the address of whoever has it. */
export function createSignInCodes ({ db, mail, limits }: { db: Database, mail: Mail, limits: Limits }) {
  return {
    /** From the outside it is the same whether or not there is anybody. Throws `throttled`. */
    async ask (phone: string, address: string): Promise<void> {
      await limits.code({ phone, address })(() => db.write((tx) => mail.enquire(tx, { enquiry: 'sign_in', of: phone })))
    },

    /** The same for whoever has an address. */
    async askByEmail (email: string, address: string): Promise<void> {
      await limits.code({ email, address })(() => db.write((tx) => mail.enquire(tx, { enquiry: 'sign_in', of: email, by: 'email' })))
    },
  }
}
