import type { Account, Database, Queries } from '../../db/index.ts'
import { endCredentials } from '../credentials/index.ts'
import { requireVersion, revise } from '../people/revision.ts'
import type { WriteOptions } from '../people/revision.ts'
import { codeInvalid, issuedAt } from '../sign-in/codes.ts'
import type { Codes } from '../sign-in/codes.ts'
import type { Emails } from './emails.ts'
import type { Mail } from './index.ts'

interface Needs { db: Database, codes: Codes, emails: Emails, mail: Mail }

/**
 * The way back for somebody whose address was changed by somebody else: by the code that went to the old, confirmed one. Whoever
 * changed it may know the password by now, and may have turned a second factor on.
 */
export function createEmailReversal ({ db, codes, emails, mail }: Needs) {
  /** A code with which only the owner of the address, who has just proved to read it, chooses a new password. */
  async function startRecovery (tx: Queries, { id: userId, username }: Account, email: string): Promise<void> {
    const code = await codes.issue(tx, { userId, purpose: 'reset_password', email })
    await mail.post(tx, userId, { template: 'reset-password', to: email, params: { username, code } })
  }

  return {
    /**
     * Puts the old address back, ends all sessions and API tokens, forgets the password and a second factor that is younger than
     * the change, and mails a code for a new password. Throws `invalid` (`code`), `precondition_failed`.
     */
    async revert (code: string, { family, ifMatch, address }: WriteOptions): Promise<void> {
      await db.write(async (tx) => {
        const spent = await codes.spend(tx, code, 'revert_email')
        const before = spent && await tx.users.find(spent.userId)
        if (spent === undefined || before === undefined) throw codeInvalid()
        requireVersion(before, ifMatch)
        const set = { email: spent.email, emailConfirmed: true, emailHeldUntil: null, passwordHash: null }
        const { account } = await revise(tx, before, set, { actorId: before.id, family, address })
        await emails.left(tx, before, account, false)
        // Of several changes the first can be taken back, whatever the later ones were: their addresses may be the thief's.
        await tx.codes.removeSince(before.id, spent.id)
        const factor = await tx.secondFactors.find(before.id)
        if ((factor?.confirmedAt ?? 0) > issuedAt(spent)) await tx.secondFactors.remove(before.id)
        await endCredentials(tx, before.id, { tokens: true })
        await startRecovery(tx, account, spent.email)
      })
    },
  }
}
