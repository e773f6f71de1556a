import type { Account, Queries, UserRow } from '../db/index.ts'
import { holderOf } from './credentials/index.ts'
import type { Credential } from './credentials/index.ts'
import { AppError } from './errors.ts'
import type { FieldError } from './errors.ts'
import { isGiven } from './fields/attributes.ts'
import type { ProfileField } from './fields/attributes.ts'
import { FIELDS } from './fields/index.ts'
import type { Changes } from './fields/index.ts'

/** Whose rights are in question: those of an account, or with the id null of the operator at the machine. */
export interface Rights {
  readonly id: number | null
  readonly isStaff: boolean
  readonly isAdmin: boolean
}

/** Throws when somebody with these rights may not. */
export type Guard = (actor: Rights | null) => void
/** The same where it writes, with the rows as they are by then. */
export type WriteGuard = (now: Rights, rows: Queries, actor: Actor) => void | Promise<void>

/** Who acts, with what can be lost before the act is done. */
export interface Actor extends Rights {
  /** By what they proved who they are; null for the operator, and for whom a program speaks. */
  readonly credential: Credential | null
  /** What they were asked when the request began, and are asked again where it writes. */
  readonly guards: readonly WriteGuard[]
  /** The way that they came, for the log; absent where a program speaks for them. */
  readonly way?: Way
}

/** Through which family something is done, and from which network address. */
export interface Way { readonly family: string, readonly address: string | null }

/** Somebody who is signed in. */
export type Person = Actor & { readonly id: number }

/** A person for whom a program speaks, who has shown nothing that could stop counting. */
export const actingAs = ({ id, isStaff, isAdmin }: Rights & { readonly id: number }): Person => ({ id, isStaff, isAdmin, credential: null, guards: [] })

export const OPERATOR: Actor = { id: null, isStaff: true, isAdmin: true, credential: null, guards: [], way: { family: 'operator', address: null } }

export function requireActor<A> (actor: A | null): asserts actor is A {
  if (actor === null) throw new AppError('not_authenticated')
}

export function requireStaff (actor: Rights | null): asserts actor is Rights {
  requireActor(actor)
  if (!actor.isStaff && !actor.isAdmin) throw new AppError('permission_denied')
}

export function requireAdmin (actor: Rights | null): asserts actor is Rights {
  requireActor(actor)
  if (!actor.isAdmin) throw new AppError('permission_denied')
}

/** Leaving is a person's own decision, or an admin's. */
export function requireSelfOrAdmin (actor: Rights | null, account: { id: number }): asserts actor is Rights {
  if (actor?.isAdmin !== true) requireSelf(actor, account)
}

export function requireSelf (actor: Rights | null, account: { id: number }): asserts actor is Rights {
  requireActor(actor)
  if (actor.id !== account.id) throw new AppError('permission_denied')
}

interface Reached { id: number, isStaff: boolean, isAdmin: boolean }

/** Everybody reaches themselves; staff reach ordinary people; admins reach everybody. */
export const reaches = (actor: Rights, account: Reached): boolean =>
  actor.id === account.id || actor.isAdmin || (actor.isStaff && !account.isStaff && !account.isAdmin)

export function requireReach (actor: Rights, account: Reached): void {
  if (!reaches(actor, account)) throw new AppError('permission_denied')
}

/** The changes that are of a field; the others belong to pictures, and go with them. */
type Named = Exclude<keyof Changes, 'cuts' | 'alts'>

/**
 * The actor as these rows have them, if what they showed still counts and they still may what they were let through for.
 * The first thing that a write asks in its transaction. `known`: an account that the transaction has read already. Throws
 * `account_unknown`, `account_inactive`, `token_invalid`, `permission_denied`, `proof_required`.
 */
export async function asOfNow (rows: Queries, actor: Person, known?: UserRow): Promise<UserRow>
export async function asOfNow (rows: Queries, actor: Actor, known?: UserRow): Promise<Rights>
export async function asOfNow (rows: Queries, actor: Actor, known?: UserRow): Promise<Rights> {
  const { id, credential, guards } = actor
  if (id === null) return actor
  const now = await holderOf(rows, id, credential, known)
  for (const guard of guards) await guard(now, rows, actor)
  return now
}

/** One's own account, whole, as `asOfNow` has it. */
export async function ownAccount (rows: Queries, person: Person): Promise<Account> {
  const account = await rows.users.find(person.id)
  await asOfNow(rows, person, account)
  return account as Account
}

/** Who acts and on whom, whole, as these rows have them. Throws `not_found`, `permission_denied`, and what `asOfNow` throws. */
export async function reached (rows: Queries, actor: Actor, id: number): Promise<{ now: Rights, before: Account }> {
  const before = await rows.users.find(id)
  const now = await asOfNow(rows, actor, before)
  if (before === undefined) throw new AppError('not_found')
  requireReach(now, before)
  return { now, before }
}

/**
 * The part of the changes that this actor may make; null is somebody who signs up. A role that is sent back as it stands
 * is no change, one that differs is `permission_denied`; what another system owns is ignored from anybody but an admin, and
 * so is a declared field that is not theirs to write.
 */
export function permitted (actor: Rights | null, account: Account, { cuts, alts, ...changes }: Changes, declared: readonly ProfileField[]): Changes {
  const allowed = Object.entries(changes).filter(([name, value]) => {
    const rule = ruleAgainst(actor, name as Named)
    if (rule === undefined) return true
    if (rule === 'feed' || isSame(account, name as Named, value)) return false
    throw new AppError('permission_denied')
  })
  const permitted: Changes = { ...Object.fromEntries(allowed), ...cuts && { cuts }, ...alts && { alts } }
  if (permitted.attributes === undefined) return permitted
  const keys = new Set(writableBy(actor, account, declared).map(({ key }) => key))
  return { ...permitted, attributes: Object.fromEntries(Object.entries(permitted.attributes).filter(([key]) => keys.has(key))) }
}

/** The rule by which this actor may not change a field; undefined when they may. Null is somebody who signs up. */
export function ruleAgainst (actor: Rights | null, name: Named): (typeof FIELDS)[Named]['write'] | undefined {
  const { write } = FIELDS[name]
  const isAllowed = write === 'self' || actor === null || actor.isAdmin || (write === 'staff' && actor.isStaff)
  return isAllowed ? undefined : write
}

/** The declared fields that this actor may write; null is somebody who signs up. */
export const writableBy = (actor: Rights | null, account: Account, declared: readonly ProfileField[]): ProfileField[] =>
  declared.filter((field) => ruleAgainstDeclared(actor, account, field) === undefined)

/** The same of a declared field. One that is not editable is for its owner to give once, while it is empty, and for staff from then on. */
export function ruleAgainstDeclared (actor: Rights | null, account: Account, field: Pick<ProfileField, 'key' | 'type' | 'write' | 'isEditable'>): 'admin' | 'staff' | 'once' | undefined {
  if (actor?.isAdmin) return undefined
  if (field.write === 'admin') return 'admin'
  if (actor?.isStaff) return undefined
  if (field.write === 'staff') return 'staff'
  return field.isEditable || !isGiven(field, account) ? undefined : 'once'
}

function isSame (account: Account, name: Named, value: unknown): boolean {
  if (name !== 'groups') return account[name] === value
  return sameGroups(account, value as number[])
}

export function sameGroups (account: Account, ids: readonly number[]): boolean {
  return ids.length === account.groups.length && account.groups.every(({ id }) => ids.includes(id))
}

/** What another system owns: from anybody but an admin such a field is not even judged, unless that is what the finding says. */
export function isIgnored (actor: Rights, { field, code }: FieldError): boolean {
  return !actor.isAdmin && code !== 'field_forbidden' && FIELDS[field as Named]?.write === 'feed'
}
