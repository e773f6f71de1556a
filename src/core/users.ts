import type { Database, Queries } from '../db/open.ts'
import type { Account, UserRow } from '../db/users.ts'
import type { Images } from '../images/open.ts'
import { asOfNow, isIgnored, permitted, requireReach, sameGroups } from './access.ts'
import type { Actor } from './access.ts'
import type { Emails } from './emails.ts'
import { AppError, refuse } from './errors.ts'
import type { FieldError } from './errors.ts'
import type { Changes } from './fields.ts'
import { createFindings } from './findings.ts'
import { toId } from './formats.ts'
import type { Limits } from './limits.ts'
import type { Passwords } from './passwords.ts'
import { createPictures } from './pictures.ts'
import type { Published } from './pictures.ts'
import { revise } from './revision.ts'

export type { Account } from '../db/users.ts'

/** The versions a client is ready to overwrite; absent means whatever is there. */
export type IfMatch = readonly number[] | undefined

interface EditOptions {
  /** Through which family the edit came; noted in the `changes` row. */
  family: string
  ifMatch?: IfMatch
  /** What the family has found already; thrown together with what the core finds. */
  errors?: readonly FieldError[]
}

interface NewPerson extends Changes {
  password?: string
  /** Instead of a password: what another service has stored of it. */
  passwordHash?: string
}

interface Needs { db: Database, images: Images, passwords: Passwords, emails: Emails, limits: Limits }

/** What a role is compared with before there is an account. */
const NEWCOMER = { isStaff: false, isAdmin: false, isActive: true, groups: [] } as unknown as Account

export function createUsers ({ db, images, passwords, emails, limits }: Needs) {
  const findings = createFindings({ db, images })
  const pictures = createPictures({ images })

  async function get (id: number): Promise<Account> {
    const account = await db.read.users.find(id)
    if (account === undefined) throw new AppError('not_found')
    return account
  }

  /** The account with this name, this address or this foreign id, of which exactly one is given; `not_found`. */
  async function search ({ username, email, extId }: { username?: string | undefined, email?: string | undefined, extId?: string | undefined }): Promise<Account> {
    const { findByUsername, findByEmail, findByExtId } = db.read.users
    const row = username !== undefined ? await findByUsername(username)
      : email !== undefined ? await findByEmail(email)
        : extId !== undefined ? await findByExtId(extId) : undefined
    if (row === undefined) throw new AppError('not_found')
    return await get(row.id)
  }

  /** The account that a path names; any spelling but the one of an id is `not_found`. */
  async function resolve (spelling: string): Promise<Account> {
    const id = toId(spelling)
    if (id === undefined) throw new AppError('not_found')
    return await get(id)
  }

  /**
   * The only way to change an account: what `changes` names, and nothing else. Throws every finding at once (`invalid`)
   * before a picture is encoded, `precondition_failed` with the account as it is, `permission_denied`, `not_found`,
   * `throttled` (an address asks for a code), `unavailable`, `insufficient_storage`; after any of them row and pictures are as they were.
   */
  async function edit (actor: Actor, id: number, changes: Changes, { family, ifMatch, errors = [] }: EditOptions): Promise<Account> {
    const before = await get(id)
    requireReach(actor, before)
    const wanted = permitted(actor, before, changes)
    refuse([...errors.filter(({ field }) => !isIgnored(actor, field)), ...await findings.ofEdit(before, wanted)])
    requireVersion(before, ifMatch)
    if (wanted.email && wanted.email !== before.email) limits.code({ email: wanted.email, person: id })

    const published = await pictures.publish(wanted)
    const { account, dropped } = await pictures.keptOnlyIf(published, db.write((tx) => commit(tx, { actor, id, changes: wanted, published, family, ifMatch })))
    await pictures.remove(dropped)
    return account
  }

  interface Commit { actor: Actor, id: number, changes: Changes, published: Published, family: string, ifMatch: IfMatch }

  /** Everything is asked again here: both rows may have changed while the body came in and the pictures were made. */
  async function commit (tx: Queries, { actor, id, changes, published, family, ifMatch }: Commit): Promise<{ account: Account, dropped: Published }> {
    const before = await tx.users.find(id)
    if (before === undefined) throw new AppError('not_found')
    const now = await asOfNow(tx, actor, before)
    requireReach(now, before)
    const wanted = permitted(now, before, changes)
    requireVersion(before, ifMatch)
    refuse(await findings.ofCommit(tx, before, wanted))

    const { avatar, cover, groups, ...values } = wanted
    const set = differing(before, { ...values, ...published })
    const regroup = groups !== undefined && !sameGroups(before, groups)
    if (set.email !== undefined) set.emailConfirmed = false
    if (regroup) await tx.users.replaceGroups(id, groups)
    const revised = await revise(tx, before, set, { actorId: actor.id, family, beside: regroup ? ['groups'] : [] })
    if (set.email !== undefined) await emails.changed(tx, before, revised.account)
    if (set.isActive === false) await tx.sessions.revokeBeside(id, 0, Date.now())
    return revised
  }

  /** A new account; `then` runs in the same transaction, so that there is both or nothing. Throws every finding at once (`invalid`), `permission_denied`. */
  async function create<T = Account> (
    actor: Actor | null, { password, passwordHash, ...person }: NewPerson, { family, errors = [] }: EditOptions,
    then: (tx: Queries, account: Account) => Promise<T> = async (_tx, account) => account as T,
  ): Promise<T> {
    const wanted = actor === null ? person : permitted(actor, NEWCOMER, person)
    const isUnknown = passwordHash !== undefined && !passwords.isKnown(passwordHash)
    refuse([
      ...errors,
      ...await findings.ofNew(wanted, errors),
      ...password === undefined ? [] : passwords.judge(password, wanted),
      ...isUnknown ? [{ field: 'password', code: 'password_hash_unknown' } as const] : [],
    ])
    const hash = password === undefined ? passwordHash ?? null : await passwords.hash(password)
    const published = await pictures.publish(wanted)
    return await pictures.keptOnlyIf(published, db.write(async (tx) => {
      refuse(await findings.ofInsert(tx, wanted))
      const { avatar: _, cover: __, groups = [], ...values } = wanted
      const at = Date.now()
      const row = await tx.users.insert({ ...values, ...published, username: values.username as string, passwordHash: hash, createdAt: at, updatedAt: at })
      if (actor !== null) permitted(await asOfNow(tx, actor, row), NEWCOMER, person)
      if (groups.length > 0) await tx.users.replaceGroups(row.id, groups)
      await tx.changes.insert({ userId: row.id, actorId: actor?.id ?? null, family, fields: Object.keys(wanted), dropped: [], version: row.version, at })
      await emails.askToConfirm(tx, row)
      return await then(tx, groups.length > 0 ? await tx.users.find(row.id) as Account : row)
    }))
  }

  // Nobody has the id 0.
  const hasAdmin = (): Promise<boolean> => db.read.users.hasActiveAdminBeside(0)

  return { get, search, resolve, edit, create, findByUsername: db.read.users.findByUsername, hasAdmin }
}

function requireVersion (account: Account, ifMatch: IfMatch): void {
  if (ifMatch !== undefined && !ifMatch.includes(account.version)) throw new AppError('precondition_failed', { current: account })
}

/** The values that are not stored already. */
function differing (before: Account, values: Partial<UserRow>): Partial<UserRow> {
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => before[name as keyof UserRow] !== value))
}

export type Users = ReturnType<typeof createUsers>
