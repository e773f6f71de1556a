import type { Account, Database, Queries } from '../../db/index.ts'
import { isIgnored, permitted, reached, sameGroups } from '../access.ts'
import type { Actor } from '../access.ts'
import { endCredentials } from '../credentials/index.ts'
import { refuse } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import { columnsOf, declaredNow } from '../fields/columns.ts'
import type { Findings } from '../fields/findings.ts'
import type { Changes } from '../fields/index.ts'
import type { View } from '../fields/visibility.ts'
import { FREE } from '../limits/index.ts'
import type { Limits } from '../limits/index.ts'
import { OPERATORS } from '../limits/places.ts'
import { unprovenEmail } from '../mail/emails.ts'
import type { Emails } from '../mail/emails.ts'
import { describe, requireMeant } from '../pictures/alts.ts'
import type { Picture, PictureRow, Pictures, Published } from '../pictures/index.ts'
import { note } from '../pictures/picture-records.ts'
import { createBatch } from './batch.ts'
import { rehearse } from './rehearsal.ts'
import { requireVersion, revise } from './revision.ts'
import type { WriteOptions } from './revision.ts'

export interface EditOptions extends WriteOptions {
  /** What the family has found already; thrown together with what the core finds. */
  errors?: readonly FieldError[]
}

/** What is known of each picture. */
export interface PictureRows { avatar: PictureRow | undefined, cover: PictureRow | undefined }
/** An account as it would be. */
export interface Rehearsed { account: Account, pictures: PictureRows }

const NO_PICTURES: Readonly<PictureRows> = { avatar: undefined, cover: undefined }

/** Of the pictures that an account shows. */
export async function rowsOf (rows: Queries, { avatar, cover }: Pick<View, 'avatar' | 'cover'>): Promise<PictureRows> {
  if (avatar === null && cover === null) return NO_PICTURES
  const find = async (name: string | null) => name === null ? undefined : await rows.pictures.find(name)
  return { avatar: await find(avatar), cover: await find(cover) }
}

interface Needs { db: Database, pictures: Pictures, findings: Findings, emails: Emails, limits: Limits }

/** Changes of accounts, with their pictures. */
export function createEdits ({ db, pictures, findings, emails, limits }: Needs) {
  const { declared } = db.read.profileFields

  /**
   * The only way to change an account: what `changes` names, and nothing else. Throws every finding at once (`invalid`)
   * before a picture is encoded, `precondition_failed` with the account as it is, `permission_denied`, `not_found`,
   * `throttled` (an address asks for a code), `unavailable`, `insufficient_storage`, and what `asOfNow` throws; after any of
   * them row and pictures are as they were.
   */
  const edit = (actor: Actor, id: number, changes: Changes, options: EditOptions): Promise<Account> =>
    inTurn(actor, id, changes, async (meant) => {
      const { account, dropped } = await editInTurn({ actor, id, changes, meant }, options, db.write)
      await pictures.remove(dropped)
      return account
    })

  /** What `edit` would do: throws the same, and leaves nothing. Resolves to the account and its pictures as they would be. */
  const rehearseEdit = (actor: Actor, id: number, changes: Changes, options: EditOptions): Promise<Rehearsed> =>
    inTurn(actor, id, changes, async (meant) => {
      const { account, published, rows } = await editInTurn({ actor, id, changes, meant }, options, (work) => rehearse(db, async (tx) => {
        const done = await work(tx)
        return { ...done, rows: await rowsOf(tx, done.account) }
      }))
      await pictures.takeBack(published)
      return { account, pictures: rows }
    })

  async function inTurn<T> (actor: Actor, id: number, changes: Changes, work: (meant: Account | undefined) => Promise<T>): Promise<T> {
    // Another picture may be there when the turn comes.
    const meant = changes.alts && await db.read.users.find(id)
    return await pictures.inTurn(actor.id ?? OPERATORS, changes, () => work(meant))
  }

  /** `meant`: the account as it was when something was said of its pictures. */
  interface Edit { actor: Actor, id: number, changes: Changes, meant: Account | undefined }

  async function editInTurn<R> (asked: Edit, { family, ifMatch, address, errors = [] }: EditOptions, write: (work: (tx: Queries) => Promise<Committed>) => Promise<R>): Promise<R & { published: Published }> {
    const { now, before, wanted, spending } = await ask(asked)
    refuse([...errors.filter((error) => !isIgnored(now, error)), ...await findings.ofEdit(now, before, wanted, declared(), errors)])
    requireVersion(before, ifMatch)
    requireMeant(before, asked.meant, wanted)
    const spend = spending()
    await spend.ask()

    const published = await pictures.publish(wanted, before)
    const written = await pictures.keptOnlyIf(published, spend(() => write((tx) => commit(tx, { ...asked, changes: wanted, published, family, ifMatch, address }))))
    return { ...written, published }
  }

  /** Who acts on whom as of now, what of it they may, and what a code to a new address spends. */
  async function ask ({ actor, id, changes }: Pick<Edit, 'actor' | 'id' | 'changes'>) {
    const { now, before } = await reached(db.read, actor, id)
    const wanted = permitted(now, before, changes, declared())
    const isNewEmail = Boolean(wanted.email) && wanted.email !== before.email
    if (isNewEmail && now.id !== null) await limits.newEmail({ ...now, id: now.id })
    return { now, before, wanted, spending: () => isNewEmail ? limits.code({ email: String(wanted.email), person: id }) : FREE }
  }

  interface Committed { account: Account, dropped: Picture[] }
  interface Commit extends EditOptions, Edit { published: Published }

  /** Everything is asked again here: both rows may have changed while the body came in and the pictures were made. */
  async function commit (tx: Queries, { actor, id, changes, meant, published, family, ifMatch, address, errors = [] }: Commit): Promise<Committed> {
    const { now, before } = await reached(tx, actor, id)
    const declared = await declaredNow(tx, changes)
    const wanted = permitted(now, before, changes, declared)
    requireMeant(before, meant, wanted)
    refuse([...errors.filter((error) => !isIgnored(now, error)), ...await findings.ofCommit(tx, now, before, wanted, declared)])
    requireVersion(before, ifMatch)

    const { groups } = wanted
    const set = columnsOf(before, wanted, published, declared)
    const regroup = groups !== undefined && !sameGroups(before, groups)
    if (set.email !== undefined) Object.assign(set, unprovenEmail(now, before, set.email))
    if (regroup) await tx.users.replaceGroups(id, groups)
    await note(tx, before, published, Date.now())
    const described = await describe(tx, before, wanted, published)
    const revised = await revise(tx, before, set, { actorId: actor.id, family, address, beside: [...regroup ? ['groups'] : [], ...described] })
    if (set.email !== undefined) await emails.changed(tx, now, before, revised.account)
    if (set.isActive === false) await endCredentials(tx, id, { tokens: true })
    return revised
  }

  const editMany = createBatch({ db, ask, commit: (tx, edit) => commit(tx, { ...edit, meant: undefined, published: {} }) })

  return { edit, rehearseEdit, editMany }
}
