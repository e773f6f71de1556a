import type { Account, Database, InvitationRow, Queries, UserRow } from '../../db/index.ts'
import { comparable } from '../../texts/email.ts'
import type { FieldError } from '../errors.ts'
import { holderOfEmail } from '../mail/emails.ts'
import { codeInvalid } from '../sign-in/codes.ts'
import type { Codes } from '../sign-in/codes.ts'
import type { CreateOptions, NewPerson } from './creation.ts'
import type { Users } from './users.ts'

/** What whoever accepts says of themselves; the rest is the invitation's. */
const OWN = ['username', 'password', 'realName', 'firstName', 'lastName', 'attributes'] as const

export interface Acceptance {
  code: string
  /** Where the family asks for it: the address that was invited. */
  email?: string | undefined
  person: Pick<NewPerson, typeof OWN[number]>
}

/** Who has sent an invitation, if it counts by now: they may still invite so, and nobody has the address. */
export async function inviterOf (rows: Queries, invitation: InvitationRow): Promise<UserRow | undefined> {
  const inviter = await rows.users.findRow(invitation.inviterId)
  const mayInvite = inviter?.isActive === true && (inviter.isAdmin || (inviter.isStaff && !invitation.isStaff))
  return mayInvite && invitation.expiresAt > Date.now() && await holderOfEmail(rows, invitation.email) === undefined ? inviter : undefined
}

interface Needs {
  db: Database
  users: Pick<Users, 'create'>
  codes: Codes
  /** Called after the commit, with the invitations that are spent. */
  spent: (invitations: readonly number[]) => Promise<void>
}

/** How an invitation becomes an account. */
export function createAcceptance ({ db, users, codes, spent }: Needs) {
  /** The invitation that a code stands for, if it counts by now. Throws `invalid` (`code`), whatever is wrong, with what the family has found in the rest. */
  async function find (rows: Queries, { code, email }: Acceptance, errors: readonly FieldError[] = []): Promise<InvitationRow> {
    const found = await rows.invitations.findByHash(codes.hashOf(code))
    const isMeant = found !== undefined && (email === undefined || comparable(email) === found.address)
    if (!isMeant || await inviterOf(rows, found) === undefined) throw codeInvalid(errors)
    return found
  }

  /**
   * The account of whoever was invited, with a confirmed address; `then` runs in the same transaction. Throws `invalid` (`code`) unless
   * the invitation counts, also in that transaction, and otherwise what `users.create` throws; until then the code counts on.
   */
  async function accept<T> (acceptance: Acceptance, options: CreateOptions, then: (tx: Queries, account: Account) => Promise<T>): Promise<T> {
    const { email, groups, isStaff } = await find(db.read, acceptance, options.errors)
    const said = Object.fromEntries(OWN.flatMap((name) => name in acceptance.person ? [[name, acceptance.person[name]]] : []))
    // A group may have been removed since.
    const existing = (await Promise.all(groups.map((id) => db.read.groups.find(id)))).flatMap((group) => group?.id ?? [])
    let ended: number[] = []
    const account = await users.create(null, { ...said, email, groups: existing, isStaff }, {
      ...options,
      async invited (tx) {
        await find(tx, acceptance)
        ended = await tx.invitations.removeTo(email)
      },
    }, then)
    await spent(ended)
    return account
  }

  return { accept }
}
