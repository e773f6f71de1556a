import type { Account, Database, Group, Queries } from '../../db/index.ts'
import { asOfNow, reaches, requireStaff } from '../access.ts'
import type { Actor, Rights } from '../access.ts'
import { AppError, refuse } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import { writer } from '../people/rehearsal.ts'
import { revise } from '../people/revision.ts'
import type { WriteOptions } from '../people/revision.ts'

export interface Writing extends Omit<WriteOptions, 'ifMatch'> {
  errors?: readonly FieldError[]
  /** Throws and resolves as it would, and leaves nothing. */
  isDry?: boolean
}

/** How many come or go in one write: more would block the event loop. */
export const MEMBERS_AT_ONCE = 200

/**
 * Puts people into a group, or takes them out of it, all or none. Whoever is there already, or is not, stays untouched; the others
 * get another version. Resolves to the group afterwards, and to those to whom something has happened. Throws `not_found`,
 * `permission_denied`, `invalid` with `errors` and everything that is wrong with `ids`, `unavailable` when too many ask at once, and
 * what `asOfNow` throws.
 */
export const memberChanges = (db: Database, isIn: boolean) => async (
  actor: Actor, groupId: number, ids: readonly number[], { family, address, errors = [], isDry = false }: Writing,
): Promise<{ group: Group, changed: number[] }> => {
  const isTooLong = ids.length > MEMBERS_AT_ONCE
  refuse([...errors, ...isTooLong ? [{ field: 'ids', code: 'invalid_value', params: { limit: MEMBERS_AT_ONCE, found: ids.length } } as const] : []])
  // Counted before the write: a client that gets 503 must find the group unchanged.
  const before = await db.countMembers(groupId)
  return await writer(db, isDry)(async (tx) => {
    const now = await asOfNow(tx, actor)
    requireStaff(now)
    const group = await tx.groups.find(groupId)
    if (group === undefined) throw new AppError('not_found')
    const people = (await peopleOf(tx, now, ids)).filter(({ groups }) => groups.some(({ id }) => id === groupId) !== isIn)
    for (const person of people) {
      const others = person.groups.map(({ id }) => id).filter((id) => id !== groupId)
      await tx.users.replaceGroups(person.id, isIn ? [...others, groupId] : others)
      await revise(tx, person, {}, { actorId: now.id, family, address, beside: ['groups'] })
    }
    const usersCount = isIn ? before + people.length : before - people.length
    return { group: { ...group, usersCount }, changed: people.map(({ id }) => id) }
  })
}

/** The people with these ids, each once, when they are all there and within reach. */
async function peopleOf (rows: Queries, now: Rights, ids: readonly number[]): Promise<Account[]> {
  const people: Account[] = []
  const findings: FieldError[] = []
  for (const id of new Set(ids)) {
    const person = await rows.users.find(id)
    if (person === undefined) findings.push({ field: 'ids', code: 'does_not_exist', params: { id, found: id } })
    else if (!reaches(now, person)) findings.push({ field: 'ids', code: 'field_forbidden', params: { rule: 'admin', found: id } })
    else people.push(person)
  }
  refuse(findings)
  return people
}
