import type { Account, Database, Queries } from '../../db/index.ts'
import { asOfNow, permitted, writableBy } from '../access.ts'
import type { Actor } from '../access.ts'
import { refuse } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import { BLANK, columnsOf, declaredNow } from '../fields/columns.ts'
import type { Findings } from '../fields/findings.ts'
import type { Changes } from '../fields/index.ts'
import { networkOf } from '../limits/network.ts'
import { OPERATORS } from '../limits/places.ts'
import type { Emails } from '../mail/emails.ts'
import { describe } from '../pictures/alts.ts'
import type { Pictures } from '../pictures/index.ts'
import { note } from '../pictures/picture-records.ts'
import type { Passwords } from '../sign-in/passwords.ts'
import { rehearse } from './rehearsal.ts'

export interface NewPerson extends Changes {
  password?: string
  /** Instead of a password: what another service has stored of it. */
  passwordHash?: string
}

export interface CreateOptions {
  /** Through which family the person came; noted in the `changes` row. */
  family: string
  /** What the family has found already; thrown together with what the core finds. */
  errors?: readonly FieldError[]
  /** Where somebody signs up from. */
  address?: string | null | undefined
  /** Leaves nothing: throws and resolves as it would. */
  isDry?: boolean
  /** What another service knows of somebody who comes from there; nobody is asked by email to confirm what they gave long ago. */
  came?: Partial<Pick<Account, 'id' | 'createdAt' | 'lastLoginAt'>>
  /** Spends an invitation: asked first in the transaction, and who has one has proved to read the address. Whether somebody has it is for this to say. */
  invited?: (tx: Queries) => Promise<void>
}

interface Needs { db: Database, pictures: Pictures, findings: Findings, passwords: Passwords, emails: Emails }

/** Who there is before there is an account: what roles and values are compared with. */
export const NEWCOMER = { ...BLANK, isStaff: false, isAdmin: false, isActive: true, groups: [] } as unknown as Account

/** How people come to be, by whoever makes them; nobody yet when they sign up. */
export function createCreation ({ db, pictures, findings, passwords, emails }: Needs) {
  const { declared } = db.read.profileFields

  /**
   * A new account; `then` runs in the same transaction, so that there is both or nothing. Where `attributes` is there, and be it
   * empty, the mandatory fields are asked for. Throws every finding at once (`invalid`), `permission_denied`, and what `asOfNow` throws.
   */
  return async function create<T = Account> (
    actor: Actor | null, { password, passwordHash, ...person }: NewPerson, { family, errors = [], address, isDry = false, came, invited }: CreateOptions,
    then: (tx: Queries, account: Account) => Promise<T> = async (_tx, account) => account as T,
  ): Promise<T> {
    const wanted = permitted(actor, NEWCOMER, person, declared())
    const who = actor?.id ?? (address ? networkOf(address) : OPERATORS)
    const isUnknown = passwordHash !== undefined && !passwords.isKnown(passwordHash)
    refuse([
      ...errors,
      ...(await findings.ofNew(actor, wanted, errors, writableBy(actor, NEWCOMER, declared()))).filter(({ field }) => invited === undefined || field !== 'email'),
      ...password === undefined ? [] : passwords.judge(password, wanted),
      ...isUnknown ? [{ field: 'password', code: 'password_hash_unknown' } as const] : [],
    ])
    const hash = password === undefined ? passwordHash ?? null : await passwords.hash(password, who)
    const published = await pictures.inTurn(who, wanted, () => pictures.publish(wanted))
    const write = isDry ? (work: (tx: Queries) => Promise<T>) => rehearse(db, work) : db.write<T>
    const created = await pictures.keptOnlyIf(published, write(async (tx) => {
      await invited?.(tx)
      const declared = await declaredNow(tx, wanted)
      if (actor !== null) permitted(await asOfNow(tx, actor), NEWCOMER, person, declared)
      refuse(await findings.ofInsert(tx, wanted, writableBy(actor, NEWCOMER, declared)))
      const { groups = [], alts: _, ...named } = wanted
      const at = Date.now()
      const row = await tx.users.insert({
        ...columnsOf(BLANK, wanted, published, declared), username: wanted.username as string, passwordHash: hash, emailConfirmed: invited !== undefined, createdAt: at, updatedAt: at, ...came,
      })
      if (published.avatar) await tx.avatars.insert(row.id, published.avatar.name, at)
      await note(tx, row, published, at)
      const described = await describe(tx, row, wanted, published)
      if (groups.length > 0) await tx.users.replaceGroups(row.id, groups)
      await tx.changes.insert({ userId: row.id, actorId: actor?.id ?? null, family, address, verb: 'created', fields: [...Object.keys(named), ...described], dropped: [], version: row.version, at })
      if (came === undefined) await emails.askToConfirm(tx, row)
      return await then(tx, groups.length > 0 ? await tx.users.find(row.id) as Account : row)
    }))
    if (isDry) await pictures.takeBack(published)
    return created
  }
}
