import type { Database, Queries } from '../db/open.ts'
import type { Account, UserRow } from '../db/users.ts'
import type { Images } from '../images/open.ts'
import { isIgnored, permitted, requireReach, sameGroups } from './access.ts'
import type { Actor } from './access.ts'
import { AppError, refuse } from './errors.ts'
import type { FieldError } from './errors.ts'
import { FIELDS, PICTURES } from './fields.ts'
import type { Changes } from './fields.ts'
import { createFindings } from './findings.ts'
import { toId } from './formats.ts'
import type { Passwords } from './passwords.ts'
import { createPictures } from './pictures.ts'
import type { Published } from './pictures.ts'

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

interface NewPerson extends Omit<Changes, 'avatar' | 'cover'> { password?: string }

interface Needs { db: Database, images: Images, passwords: Passwords }

export function createUsers ({ db, images, passwords }: Needs) {
  const findings = createFindings({ db, images })
  const pictures = createPictures({ images })

  async function get (id: number): Promise<Account> {
    const account = await db.read.users.find(id)
    if (account === undefined) throw new AppError('not_found')
    return account
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
   * `unavailable`, `insufficient_storage`; after any of them row and pictures are as they were.
   */
  async function edit (actor: Actor, id: number, changes: Changes, { family, ifMatch, errors = [] }: EditOptions): Promise<Account> {
    const before = await get(id)
    requireReach(actor, before)
    const wanted = permitted(actor, before, changes)
    refuse([...errors.filter(({ field }) => !isIgnored(actor, field)), ...await findings.ofEdit(before, wanted)])
    requireVersion(before, ifMatch)

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
    const fields = [...Object.keys(set), ...(regroup ? ['groups'] : [])]
    if (fields.length === 0) return { account: before, dropped: {} }

    const isMoved = fields.some(movesVersion)
    const at = Math.max(Date.now(), before.updatedAt + 1)
    if (set.email !== undefined) set.emailConfirmed = false
    if (isMoved) Object.assign(set, { version: before.version + 1, updatedAt: at })
    if (regroup) await tx.users.replaceGroups(id, groups)
    const account = await tx.users.update(id, set)
    const dropped = picturesIn(before, set)
    await tx.changes.insert({ userId: id, actorId: actor.id, family, fields, dropped: namesOf(dropped), version: account.version, at })
    return { account, dropped }
  }

  /** A new account; `then` runs in the same transaction, so that there is both or nothing. Throws every finding at once (`invalid`). */
  async function create<T = Account> (
    actor: Actor | null, { password, groups: _, ...values }: NewPerson, { family, errors = [] }: EditOptions,
    then: (tx: Queries, account: Account) => Promise<T> = async (_tx, account) => account as T,
  ): Promise<T> {
    refuse([...errors, ...await findings.ofNew(values, errors), ...password === undefined ? [] : passwords.judge(password, values)])
    const passwordHash = password === undefined ? null : await passwords.hash(password)
    return await db.write(async (tx) => {
      refuse(await findings.taken(tx, values))
      const at = Date.now()
      const account = await tx.users.insert({ ...values, username: values.username as string, passwordHash, createdAt: at, updatedAt: at })
      const fields = Object.keys(values)
      await tx.changes.insert({ userId: account.id, actorId: actor?.id ?? null, family, fields, dropped: [], version: account.version, at })
      return await then(tx, account)
    })
  }

  // Nobody has the id 0.
  const hasAdmin = (): Promise<boolean> => db.read.users.hasActiveAdminBeside(0)

  return { get, resolve, edit, create, findByUsername: db.read.users.findByUsername, hasAdmin }
}

/** A right that was taken away while the request was on its way is gone. */
async function asOfNow (tx: Queries, actor: Actor, account: Account): Promise<Actor> {
  if (actor.id === null) return actor
  const row = actor.id === account.id ? account : await tx.users.findRow(actor.id)
  if (row?.isActive !== true) throw new AppError('permission_denied')
  return row
}

function requireVersion (account: Account, ifMatch: IfMatch): void {
  if (ifMatch !== undefined && !ifMatch.includes(account.version)) throw new AppError('precondition_failed', { current: account })
}

/** The values that are not stored already. */
function differing (before: Account, values: Partial<UserRow>): Partial<UserRow> {
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => before[name as keyof UserRow] !== value))
}

/** The pictures of an account that these values take the place of. */
function picturesIn (before: Account, set: Partial<UserRow>): Published {
  const replaced = PICTURES.filter((kind) => kind in set && before[kind] !== null)
  return Object.fromEntries(replaced.map((kind) => [kind, before[kind]]))
}

/** What another system owns moves neither the version nor `updatedAt`. */
const movesVersion = (name: string): boolean => FIELDS[name as keyof Changes].write !== 'feed'

const namesOf = (published: Published): string[] => Object.values(published).filter((name) => name !== null)

export type Users = ReturnType<typeof createUsers>
