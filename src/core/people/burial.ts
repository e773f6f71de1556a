import type { Account, Queries } from '../../db/index.ts'
import type { Picture } from '../pictures/index.ts'

/** Somebody whose row is gone, and the invitations and pictures that went with it. */
export interface Buried { id: number, invitations: number[], dropped: Picture[] }

/** How many rows of one person go, or lose their actor, in one write: more would block the event loop. */
export const ROWS_AT_ONCE = 1_000

/**
 * Begins to remove somebody: what will be left is one `changes` row without a word about the person. Mostly that is all of it;
 * of whoever has too many rows for one write `undefined` is left for `finish`, and from now on nobody finds them.
 */
export async function bury (tx: Queries, account: Account, { actorId, family, address = null }: { actorId: number | null, family: string, address?: string | null | undefined }): Promise<Buried | undefined> {
  const { id, version } = account
  const dropped = (await picturesOf(tx, account)).map(({ name }) => name)
  const by = actorId === id ? { actorId: null, address: null } : { actorId, address }
  await tx.changes.insertTombstone({ userId: id, ...by, family, verb: 'removed', dropped, version: version + 1, at: Date.now() })
  const buried = await erase(tx, account)
  if (buried === undefined) await tx.users.leave(id)
  return buried
}

/** Removes what there may be very much of, and once that is done the row and all that hangs on it. Resolves to `undefined` when there is more to do. */
export async function erase (tx: Queries, account: Account): Promise<Buried | undefined> {
  const { id, email } = account
  // API tokens before the sessions that they depend on.
  let left = ROWS_AT_ONCE
  for (const { removeOf } of [tx.changes, tx.keys, tx.sessions]) left -= await removeOf(id, left)
  if (left === 0) return undefined
  const dropped = await picturesOf(tx, account)
  const invitations = [...await tx.invitations.idsOf(id), ...email === null ? [] : await tx.invitations.removeTo(email)]
  await tx.going.add(dropped)
  await tx.users.remove(id)
  return { id, invitations, dropped }
}

async function picturesOf (tx: Queries, { id, cover }: Account): Promise<Picture[]> {
  const avatars = await tx.avatars.namesOf(id)
  return [...avatars.map((name) => ({ kind: 'avatar' as const, name })), ...cover === null ? [] : [{ kind: 'cover' as const, name: cover }]]
}
