import type { Account, Queries, UserRow } from '../../db/index.ts'
import { AppError } from '../errors.ts'
import { keyOf, wordOf } from '../fields/attributes.ts'
import type { Attributes } from '../fields/attributes.ts'
import { ALTS, FIELDS, PICTURES } from '../fields/index.ts'
import type { Picture } from '../pictures/index.ts'

/** The versions a client is ready to overwrite; absent means whatever is there. */
export type IfMatch = readonly number[] | undefined

/** What goes with every write of an account. */
export interface WriteOptions {
  /** Through which family it came; noted in the `changes` row. */
  family: string
  ifMatch?: IfMatch | undefined
  /** The network address that it comes from, for the log. */
  address?: string | null | undefined
}

/** Throws `precondition_failed`, with the account as it is. */
export function requireVersion (account: Account, ifMatch: IfMatch): void {
  if (ifMatch !== undefined && !ifMatch.includes(account.version)) throw new AppError('precondition_failed', { current: account })
}

interface Reason {
  /** Who did it; null for the operator and for somebody who proved to read an address. */
  actorId: number | null
  family: string
  address?: string | null | undefined
  /** What was edited outside the row. */
  beside?: readonly string[]
  /** The pictures that went with it. */
  besideDropped?: readonly Picture[]
  /** Another picture of the collection is shown, and the one before stays in it. */
  isChoice?: boolean
}

/**
 * The one way to write an account that exists: the columns that `set` names, the version and `updatedAt` when something
 * moves them, and the `changes` row that says who did it. Nothing named, nothing written.
 */
export async function revise (tx: Queries, before: Account, set: Partial<UserRow>, { actorId, family, address = null, beside = [], besideDropped = [], isChoice = false }: Reason): Promise<{ account: Account, dropped: Picture[] }> {
  const fields = [...Object.keys(set).flatMap((name) => name === 'attributes' ? changed(before.attributes, set.attributes) : [name]), ...beside]
  if (fields.length === 0) return { account: before, dropped: [] }
  const at = Math.max(Date.now(), before.updatedAt + 1)
  const moved = fields.some(movesVersion) ? { version: before.version + 1, updatedAt: at } : {}
  const columns = { ...set, ...moved }
  const account = Object.keys(columns).length === 0 ? before : await tx.users.update(before.id, columns)
  const replaced = isChoice ? [] : PICTURES.flatMap((kind) => kind in set && before[kind] !== null ? [{ kind, name: before[kind] }] : [])
  const dropped = [...replaced, ...besideDropped]
  if (!isChoice && set.avatar !== undefined) await replaceAvatar(tx, before, set.avatar, at)
  for (const { name } of dropped) await tx.pictures.remove(name)
  await tx.going.add(dropped)
  await tx.changes.insert({ userId: before.id, actorId, family, address, fields, dropped: dropped.map(({ name }) => name), version: account.version, at })
  return { account, dropped }
}

/** A new avatar takes the place of the shown one in the collection; the others stay. */
async function replaceAvatar (tx: Queries, before: Account, name: string | null, at: number): Promise<void> {
  if (before.avatar !== null) await tx.avatars.remove(before.avatar)
  if (name !== null) await tx.avatars.insert(before.id, name, at)
}

function changed (before: Attributes, after: Attributes = {}): string[] {
  return Object.keys({ ...before, ...after }).filter((key) => before[key] !== after[key]).map(wordOf)
}

/** What another system owns, and what is no field of an account, moves neither the version nor `updatedAt`. */
const movesVersion = (name: string): boolean =>
  keyOf(name) !== undefined || Object.values<string>(ALTS).includes(name) || (name in FIELDS && FIELDS[name as keyof Account].write !== 'feed')
