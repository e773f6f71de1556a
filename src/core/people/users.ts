import type { Account, Database } from '../../db/index.ts'
import { isStorable } from '../../texts/storable.ts'
import { ownAccount } from '../access.ts'
import type { Person, Rights } from '../access.ts'
import { AppError } from '../errors.ts'
import type { Findings } from '../fields/findings.ts'
import { PICTURES } from '../fields/index.ts'
import * as visibility from '../fields/visibility.ts'
import type { View } from '../fields/visibility.ts'
import { toId } from '../formats.ts'
import type { Limits } from '../limits/index.ts'
import type { Emails } from '../mail/emails.ts'
import type { Pictures } from '../pictures/index.ts'
import type { Passwords } from '../sign-in/passwords.ts'
import { createCreation } from './creation.ts'
import { createEdits, rowsOf } from './edits.ts'
import type { PictureRows } from './edits.ts'

export type { Account, UserRow } from '../../db/index.ts'

interface Needs { db: Database, pictures: Pictures, findings: Findings, passwords: Passwords, emails: Emails, limits: Limits }

/** The people, found and shown, made and changed. */
export function createUsers ({ db, pictures, findings, passwords, emails, limits }: Needs) {
  const { declared } = db.read.profileFields

  async function get (id: number): Promise<Account> {
    const account = await db.read.users.find(id)
    if (account === undefined) throw new AppError('not_found')
    return account
  }

  /** One's own account, for as long as what was shown counts; throws what `asOfNow` throws. */
  const own = (person: Person): Promise<Account> => ownAccount(db.read, person)

  /** The account with this name, this address or this foreign id, of which exactly one is given; `not_found`. */
  async function search ({ username, email, extId }: { username?: string | undefined, email?: string | undefined, extId?: string | undefined }): Promise<Account> {
    if (![username, email, extId].every((text = '') => isStorable(text))) throw new AppError('not_found')
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

  /** What is known of the pictures that a view shows. */
  const picturesOf = (shown: Pick<View, 'avatar' | 'cover'>): Promise<PictureRows> => rowsOf(db.read, shown)

  /**
   * The account as it is now, where a picture that it showed is not known any more: between two questions to PostgreSQL somebody
   * may have replaced it. Undefined where it shows the same.
   */
  async function replaced (id: number, shown: Pick<View, 'avatar' | 'cover'>, known: PictureRows): Promise<Account | undefined> {
    const gone = PICTURES.filter((kind) => shown[kind] !== null && known[kind] === undefined)
    const now = gone.length > 0 ? await db.read.users.find(id) : undefined
    return now && gone.some((kind) => now[kind] !== shown[kind]) ? now : undefined
  }

  // Nobody has the id 0.
  const hasAdmin = (): Promise<boolean> => db.read.users.hasActiveAdminBeside(0)

  /** An account as this actor may see it. */
  const viewFor = (actor: Rights | null, account: Account): View => visibility.viewFor(actor, account, declared())

  return {
    get,
    own,
    search,
    resolve,
    findByUsername: db.read.users.findByUsername,
    hasAdmin,
    declared,
    viewFor,
    picturesOf,
    replaced,
    create: createCreation({ db, pictures, findings, passwords, emails }),
    ...createEdits({ db, pictures, findings, emails, limits }),
  }
}

export type Users = ReturnType<typeof createUsers>
