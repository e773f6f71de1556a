import type { Queries } from '../db/open.ts'
import type { Account } from '../db/users.ts'
import { AppError } from './errors.ts'
import { FIELDS } from './fields.ts'
import type { Changes, ReadRule } from './fields.ts'

/** Who acts: an account, or with the id null the operator at the machine. */
export interface Actor {
  readonly id: number | null
  readonly isStaff: boolean
  readonly isAdmin: boolean
}

export const OPERATOR: Actor = { id: null, isStaff: true, isAdmin: true }

/** How near the reader is to an account; each sees what the one before sees. */
type Reader = 'public' | 'member' | 'self'

/** An account as one reader may see it: fields hidden from the reader are null. */
export type View = { [K in keyof Account]: (typeof FIELDS)[K]['read'] extends 'public' ? Account[K] : Account[K] | null }

const SEES: Record<Reader, ReadonlySet<ReadRule>> = {
  public: new Set(['public']),
  member: new Set(['public', 'member']),
  self: new Set(['public', 'member', 'self']),
}

const names = Object.keys(FIELDS) as (keyof Account)[]
const hiddenFrom = (reader: Reader) => Object.fromEntries(names.filter((name) => !SEES[reader].has(FIELDS[name].read)).map((name) => [name, null]))
const HIDDEN: Record<Reader, object> = { public: hiddenFrom('public'), member: hiddenFrom('member'), self: hiddenFrom('self') }

function readerOf (actor: Actor | null, account: { id: number }): Reader {
  if (actor === null) return 'public'
  return actor.id === account.id || actor.isStaff || actor.isAdmin ? 'self' : 'member'
}

/** The account with everything hidden that this actor may not see. */
export function viewFor (actor: Actor | null, account: Account): View {
  return { ...account, ...HIDDEN[readerOf(actor, account)] }
}

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

/** A right that was taken away while the request was on its way is gone. */
export async function asOfNow (tx: Queries, actor: Actor, account: Account): Promise<Actor> {
  if (actor.id === null) return actor
  const row = actor.id === account.id ? account : await tx.users.findRow(actor.id)
  if (row?.isActive !== true) throw new AppError('permission_denied')
  return row
}

/**
 * The part of the changes that this actor may make. A role that is sent back as it stands is no change, one that differs
 * is `permission_denied`; what another system owns is ignored from anybody but an admin.
 */
export function permitted (actor: Actor, account: Account, changes: Changes): Changes {
  const allowed = Object.entries(changes).filter(([name, value]) => {
    const { write } = FIELDS[name as keyof Changes]
    if (write === 'self' || actor.isAdmin) return true
    if (write === 'feed') return false
    if (write === 'staff' && actor.isStaff) return true
    if (isSame(account, name as keyof Changes, value)) return false
    throw new AppError('permission_denied')
  })
  return Object.fromEntries(allowed)
}

function isSame (account: Account, name: keyof Changes, value: unknown): boolean {
  if (name !== 'groups') return account[name] === value
  return sameGroups(account, value as number[])
}

export function sameGroups (account: Account, ids: readonly number[]): boolean {
  return ids.length === account.groups.length && account.groups.every(({ id }) => ids.includes(id))
}

/** What another system owns: from anybody but an admin such a field is not even judged. */
export function isIgnored (actor: Actor, field: string | null): boolean {
  return !actor.isAdmin && FIELDS[field as keyof Changes]?.write === 'feed'
}
