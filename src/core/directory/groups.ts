import type { Database, Group, GroupFilter, GroupPage, GroupRow, Queries } from '../../db/index.ts'
import { isStorable } from '../../texts/storable.ts'
import { asOfNow, requireStaff } from '../access.ts'
import type { Actor, Rights } from '../access.ts'
import { AppError, refuse } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import { audit } from '../people/audit.ts'
import { writer } from '../people/rehearsal.ts'
import type { Cursors, Page, Window } from '../seal/cursors.ts'
import { memberChanges } from './members.ts'

export type { Group, GroupFilter } from '../../db/index.ts'

/** One edit: a present key sets, an absent key keeps. */
export interface GroupChanges { name?: string, notes?: string }
/** `isDry`: throws and resolves as it would, and leaves nothing. */
export interface Writing { isDry?: boolean }

/** How many leave a group in one write: more would block the event loop. */
const LEAVING_AT_ONCE = 1_000

export function createGroups ({ db, cursors }: { db: Database, cursors: Cursors }) {
  return {
    /** Throws `not_found` when there is no such group. */
    async requireGroup (id: number): Promise<void> {
      await groupOf(db.read, id)
    },

    /** A group with the number of its members. Throws `not_found`; `unavailable`, like `list`, when too many ask at once. */
    async get (id: number): Promise<Group> {
      return { ...await groupOf(db.read, id), usersCount: await db.countMembers(id) }
    },

    list: ({ limit, offset }: { limit: number, offset: number }, filter: GroupFilter = {}): Promise<GroupPage> =>
      isStorable(filter.search ?? '') ? db.listGroups(filter, limit, offset) : Promise.resolve({ count: 0, groups: [] }),

    /** By id, a page at a time, each with the number of its members; `search`: what the name or the notes contain. Throws `permission_denied`, `unavailable`, and what `cursors.page` throws. */
    async page (actor: Rights, { search, ...window }: Window & Pick<GroupFilter, 'search'>, errors?: readonly FieldError[]): Promise<Page<Group>> {
      requireStaff(actor)
      return await cursors.pageById(['groups', actor.id, search], window, async (part) => isStorable(search ?? '') ? await db.listGroupsBehind({ search }, part) : [], errors)
    },

    /** Throws `invalid` with all `errors` and, when the name is in use, `group_taken`; `permission_denied`. */
    async create (actor: Actor, { name, notes = '' }: GroupChanges, errors: readonly FieldError[] = [], { isDry = false }: Writing = {}): Promise<Group> {
      refuse([...errors, ...await taken(db.read, name)])
      return await writer(db, isDry)(async (tx) => {
        requireStaff(await asOfNow(tx, actor))
        refuse(await taken(tx, name))
        const made = await tx.groups.insert({ name: name as string, notes, at: Date.now() })
        await audit(tx, actor, { noun: 'group', verb: 'created', subject: made.id, fields: ['name', 'notes'] })
        return { ...made, usersCount: 0 }
      })
    },

    /** Sets what `changes` name; nothing new, nothing written. Throws as `create` does, `not_found`, and `unavailable` as `get` does. */
    async edit (actor: Actor, id: number, changes: GroupChanges, errors: readonly FieldError[] = [], { isDry = false }: Writing = {}): Promise<Group> {
      refuse([...errors, ...await taken(db.read, changes.name, id)])
      // Counted before the write: a client that gets 503 must find the group unchanged.
      const usersCount = await db.countMembers(id)
      const group = await writer(db, isDry)(async (tx) => {
        requireStaff(await asOfNow(tx, actor))
        const before = await groupOf(tx, id)
        refuse(await taken(tx, changes.name, id))
        const { name, notes, updatedAt } = { ...before, ...changes }
        if (name === before.name && notes === before.notes) return before
        await audit(tx, actor, { noun: 'group', verb: 'changed', subject: id, fields: Object.keys(changes) })
        await tx.groups.update(id, { name, notes, at: Math.max(Date.now(), updatedAt + 1) })
        return await groupOf(tx, id)
      })
      return { ...group, usersCount }
    },

    /**
     * Removes a group; the accounts of its members stay as they are. A large group is emptied in several writes: after a crash
     * it has fewer members, and asking again removes it. Throws `not_found`, `permission_denied`.
     */
    async remove (actor: Actor, id: number): Promise<void> {
      const removePart = () => db.write(async (tx) => {
        requireStaff(await asOfNow(tx, actor))
        await groupOf(tx, id)
        if (await tx.groups.empty(id, LEAVING_AT_ONCE) === LEAVING_AT_ONCE) return false
        await tx.groups.remove(id)
        await audit(tx, actor, { noun: 'group', verb: 'removed', subject: id })
        return true
      })
      while (!await removePart());
    },

    addMembers: memberChanges(db, true),
    removeMembers: memberChanges(db, false),
  }
}

async function groupOf (rows: Queries, id: number): Promise<GroupRow> {
  const group = await rows.groups.find(id)
  if (group === undefined) throw new AppError('not_found')
  return group
}

/** Another group has the name; `id` is the one that may keep it. */
async function taken (rows: Queries, name: string | undefined, id?: number): Promise<FieldError[]> {
  const holder = name === undefined ? undefined : await rows.groups.holderOf(name)
  return holder === undefined || holder.id === id ? [] : [{ field: 'name', code: 'group_taken' }]
}
