import type { Queries } from '../db/open.ts'
import type { Account } from '../db/users.ts'
import type { ProfileField } from './attributes.ts'
import { AppError } from './errors.ts'
import { FIELDS } from './fields.ts'
import type { Changes } from './fields.ts'

/** Who acts: an account, or with the id null the operator at the machine. */
export interface Actor {
  readonly id: number | null
  readonly isStaff: boolean
  readonly isAdmin: boolean
}

export const OPERATOR: Actor = { id: null, isStaff: true, isAdmin: true }

export function requireActor<A> (actor: A | null): asserts actor is A {
  if (actor === null) throw new AppError('not_authenticated')
}

export function requireStaff (actor: Actor | null): asserts actor is Actor {
  requireActor(actor)
  if (!actor.isStaff && !actor.isAdmin) throw new AppError('permission_denied')
}

export function requireAdmin (actor: Actor | null): asserts actor is Actor {
  requireActor(actor)
  if (!actor.isAdmin) throw new AppError('permission_denied')
}

/** Leaving is a person's own decision, or an admin's. */
export function requireSelfOrAdmin (actor: Actor | null, account: { id: number }): asserts actor is Actor {
  if (actor?.isAdmin !== true) requireSelf(actor, account)
}

export function requireSelf (actor: Actor | null, account: { id: number }): asserts actor is Actor {
  requireActor(actor)
  if (actor.id !== account.id) throw new AppError('permission_denied')
}

/** Everybody reaches themselves; staff reach ordinary people; admins reach everybody. */
export function requireReach (actor: Actor, account: { id: number, isStaff: boolean, isAdmin: boolean }): void {
  const isReached = actor.id === account.id || actor.isAdmin || (actor.isStaff && !account.isStaff && !account.isAdmin)
  if (!isReached) throw new AppError('permission_denied')
}

/** The changes that are of a field. */
type Named = Exclude<keyof Changes, 'cuts'>

/** A right that was taken away while the request was on its way is gone. `account`: whom the transaction has read already. */
export async function asOfNow (tx: Queries, actor: Actor, account?: Account): Promise<Actor> {
  if (actor.id === null) return actor
  const row = actor.id === account?.id ? account : await tx.users.findRow(actor.id)
  if (row?.isActive !== true) throw new AppError('permission_denied')
  return row
}

/**
 * The part of the changes that this actor may make; null is somebody who signs up. A role that is sent back as it stands
 * is no change, one that differs is `permission_denied`; what another system owns is ignored from anybody but an admin, and
 * so is a declared field that is not theirs to write.
 */
export function permitted (actor: Actor | null, account: Account, { cuts, ...changes }: Changes, declared: readonly ProfileField[]): Changes {
  const allowed = Object.entries(changes).filter(([name, value]) => {
    const { write } = FIELDS[name as Named]
    if (write === 'self' || actor === null || actor.isAdmin) return true
    if (write === 'feed') return false
    if (write === 'staff' && actor.isStaff) return true
    if (isSame(account, name as Named, value)) return false
    throw new AppError('permission_denied')
  })
  const permitted: Changes = { ...Object.fromEntries(allowed), ...cuts && { cuts } }
  if (permitted.attributes === undefined) return permitted
  const keys = new Set(writableBy(actor, account, declared).map(({ key }) => key))
  return { ...permitted, attributes: Object.fromEntries(Object.entries(permitted.attributes).filter(([key]) => keys.has(key))) }
}

/** The declared fields that this actor may write; null is somebody who signs up. */
export const writableBy = (actor: Actor | null, account: Account, declared: readonly ProfileField[]): ProfileField[] =>
  declared.filter((field) => mayWrite(actor, account, field))

/** A field that is not editable is for its owner to give when the account is made, and for staff from then on. */
function mayWrite (actor: Actor | null, account: Account, field: ProfileField): boolean {
  if (actor?.isAdmin) return true
  if (field.write === 'admin') return false
  if (actor?.isStaff) return true
  return field.write === 'self' && (field.isEditable || account.id === undefined)
}

function isSame (account: Account, name: Named, value: unknown): boolean {
  if (name !== 'groups') return account[name] === value
  return sameGroups(account, value as number[])
}

export function sameGroups (account: Account, ids: readonly number[]): boolean {
  return ids.length === account.groups.length && account.groups.every(({ id }) => ids.includes(id))
}

/** What another system owns: from anybody but an admin such a field is not even judged. */
export function isIgnored (actor: Actor, field: string | null): boolean {
  return !actor.isAdmin && FIELDS[field as Named]?.write === 'feed'
}
