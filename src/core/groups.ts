import type { Database, Queries } from '../db/open.ts'
import type { Group, GroupFilter } from '../db/groups.ts'
import { asOfNow, requireStaff } from './access.ts'
import type { Actor } from './access.ts'
import { AppError, refuse } from './errors.ts'
import type { FieldError } from './errors.ts'

export type { Group, GroupFilter } from '../db/groups.ts'

/** One edit: a present key sets, an absent key keeps. */
interface GroupChanges { name?: string, notes?: string }

export function createGroups ({ db }: { db: Database }) {
  /** A group; `not_found`. */
  const get = (id: number): Promise<Group> => groupOf(db.read, id)

  return {
    get,

    list: ({ limit, offset }: { limit: number, offset: number }, filter: GroupFilter = {}): Promise<{ count: number, groups: Group[] }> =>
      db.read.groups.list(filter, limit, offset),

    /** Throws `invalid` with all `errors` and, when the name is in use, `group_taken`; `permission_denied`. */
    async create (actor: Actor, { name, notes = '' }: GroupChanges, errors: readonly FieldError[] = []): Promise<Group> {
      refuse([...errors, ...await taken(db.read, name)])
      return await db.write(async (tx) => {
        requireStaff(await asOfNow(tx, actor))
        refuse(await taken(tx, name))
        return await tx.groups.insert({ name: name as string, notes, at: Date.now() })
      })
    },

    /** Sets what `changes` name; nothing new, nothing written. Throws as `create` does, and `not_found`. */
    async edit (actor: Actor, id: number, changes: GroupChanges, errors: readonly FieldError[] = []): Promise<Group> {
      refuse([...errors, ...await taken(db.read, changes.name, id)])
      return await db.write(async (tx) => {
        requireStaff(await asOfNow(tx, actor))
        const before = await groupOf(tx, id)
        refuse(await taken(tx, changes.name, id))
        const { name, notes, updatedAt } = { ...before, ...changes }
        if (name === before.name && notes === before.notes) return before
        await tx.groups.update(id, { name, notes, at: Math.max(Date.now(), updatedAt + 1) })
        return await groupOf(tx, id)
      })
    },

    /** Removes a group; the accounts of whoever was in it stay as they are. Throws `not_found`, `permission_denied`. */
    async remove (actor: Actor, id: number): Promise<void> {
      await db.write(async (tx) => {
        requireStaff(await asOfNow(tx, actor))
        await groupOf(tx, id)
        await tx.groups.remove(id)
      })
    },
  }
}

async function groupOf (rows: Queries, id: number): Promise<Group> {
  const group = await rows.groups.find(id)
  if (group === undefined) throw new AppError('not_found')
  return group
}

/** Another group has the name; `id` is the one that may keep it. */
async function taken (rows: Queries, name: string | undefined, id?: number): Promise<FieldError[]> {
  const holder = name === undefined ? undefined : await rows.groups.holderOf(name)
  return holder === undefined || holder.id === id ? [] : [{ field: 'name', code: 'group_taken' }]
}

export type Groups = ReturnType<typeof createGroups>
