import type { Group } from '../../db/group-lists.ts'
import type { Database, Queries } from '../../db/open.ts'
import type { Account } from '../../db/users.ts'
import { asOfNow, reaches, requireStaff } from '../access.ts'
import type { Actor, Rights } from '../access.ts'
import { AppError, refuse } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import { writer } from '../people/rehearsal.ts'
import { revise } from '../people/revision.ts'

/** Who comes into a group, and who leaves it. */
export interface MemberChanges { add?: readonly number[], remove?: readonly number[] }
/** The group afterwards, and those to whom something has happened. */
export interface MembersChanged { group: Group, added: number[], removed: number[] }
interface Writing {
  family: string
  errors?: readonly FieldError[]
  /** Throws and resolves as it would, and leaves nothing. */
  isDry?: boolean
}

/** How many come and go in one write: more would block the event loop. */
export const MEMBERS_AT_ONCE = 200
const SIDES = ['add', 'remove'] as const

/**
 * Who is in a group already stays, and who is not in it cannot leave: nothing is written of them. All the others get another version.
 * All or none, in one write. Throws `not_found`, `permission_denied`, `invalid` with `errors` and everything that is wrong with
 * `add` and `remove`, `unavailable` when too many ask at once, and what `asOfNow` throws.
 */
export const memberChanges = (db: Database) => async (actor: Actor, groupId: number, changes: MemberChanges, { family, errors = [], isDry = false }: Writing): Promise<MembersChanged> => {
  const { add = [], remove = [] } = changes
  refuse([...errors, ...findingsOf(changes)])
  // Counted before the write: a client that gets 503 must find the group unchanged.
  const before = await db.countMembers(groupId)
  return await writer(db, isDry)(async (tx) => {
    const now = await asOfNow(tx, actor)
    requireStaff(now)
    const group = await tx.groups.find(groupId)
    if (group === undefined) throw new AppError('not_found')
    const [come, go] = [await reached(tx, now, 'add', add), await reached(tx, now, 'remove', remove)]
    refuse([...come.findings, ...go.findings])
    const isIn = ({ groups }: Account): boolean => groups.some(({ id }) => id === groupId)
    const [added, removed] = [come.people.filter((person) => !isIn(person)), go.people.filter(isIn)]
    for (const person of [...added, ...removed]) {
      const others = person.groups.map(({ id }) => id).filter((id) => id !== groupId)
      await tx.users.replaceGroups(person.id, added.includes(person) ? [...others, groupId] : others)
      await revise(tx, person, {}, { actorId: now.id, family, beside: ['groups'] })
    }
    return { group: { ...group, usersCount: before + added.length - removed.length }, added: added.map(({ id }) => id), removed: removed.map(({ id }) => id) }
  })
}

function findingsOf (changes: MemberChanges): FieldError[] {
  const { add = [], remove = [] } = changes
  const isTooLong = (ids: readonly number[] = []) => ids.length > MEMBERS_AT_ONCE
  return [
    ...SIDES.filter((side) => isTooLong(changes[side])).map((field): FieldError => ({ field, code: 'invalid_value', params: { limit: MEMBERS_AT_ONCE, found: changes[field]?.length ?? 0 } })),
    ...remove.filter((id) => add.includes(id)).slice(0, 1).map((value): FieldError => ({ field: 'remove', code: 'invalid_choice', params: { value } })),
  ]
}

/** The people with these ids, each once, and what is wrong with the others. */
async function reached (tx: Queries, now: Rights, field: 'add' | 'remove', ids: readonly number[]): Promise<{ people: Account[], findings: FieldError[] }> {
  const people: Account[] = []
  const findings: FieldError[] = []
  for (const id of new Set(ids)) {
    const person = await tx.users.find(id)
    if (person === undefined) findings.push({ field, code: 'does_not_exist', params: { id } })
    else if (!reaches(now, person)) findings.push({ field, code: 'field_forbidden', params: { rule: 'admin', found: id } })
    else people.push(person)
  }
  return { people, findings }
}
