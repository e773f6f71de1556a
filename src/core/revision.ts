import type { Queries } from '../db/open.ts'
import type { Account, UserRow } from '../db/users.ts'
import { FIELDS, PICTURES } from './fields.ts'

interface Reason {
  /** Who did it; null for the operator and for somebody who proved to read an address. */
  actorId: number | null
  family: string
  /** What was edited outside the row. */
  beside?: readonly string[]
}

/** The names of the published pictures that a revision took the place of. */
export type Dropped = Partial<Record<(typeof PICTURES)[number], string | null>>

/**
 * The one way to write an account that exists: the columns that `set` names, the version and `updatedAt` when something
 * moves them, and the `changes` row that says who did it. Nothing named, nothing written.
 */
export async function revise (tx: Queries, before: Account, set: Partial<UserRow>, { actorId, family, beside = [] }: Reason): Promise<{ account: Account, dropped: Dropped }> {
  const fields = [...Object.keys(set), ...beside]
  if (fields.length === 0) return { account: before, dropped: {} }
  const at = Math.max(Date.now(), before.updatedAt + 1)
  const moved = fields.some(movesVersion) ? { version: before.version + 1, updatedAt: at } : {}
  const account = await tx.users.update(before.id, { ...set, ...moved })
  const dropped = Object.fromEntries(PICTURES.filter((kind) => kind in set && before[kind] !== null).map((kind) => [kind, before[kind]]))
  await tx.changes.insert({ userId: before.id, actorId, family, fields, dropped: Object.values(dropped) as string[], version: account.version, at })
  return { account, dropped }
}

/** What another system owns moves neither the version nor `updatedAt`. */
const movesVersion = (name: string): boolean => FIELDS[name as keyof Account].write !== 'feed'
