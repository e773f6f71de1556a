import type { Database } from '../db/open.ts'
import type { Group } from '../db/groups.ts'
import { refuse } from './errors.ts'
import type { FieldError } from './errors.ts'

export type { Group } from '../db/groups.ts'

export function createGroups ({ db }: { db: Database }) {
  return {
    list: (limit: number, offset: number): Promise<{ count: number, groups: Group[] }> => db.read.groups.list(limit, offset),

    /** Throws `invalid` with all `errors` and, when the name is in use, `group_taken`. */
    async create ({ name, notes = '' }: { name?: string, notes?: string }, errors: readonly FieldError[] = []): Promise<Group> {
      const isTaken = name !== undefined && await db.read.groups.findByName(name) !== undefined
      refuse(isTaken ? [...errors, TAKEN] : errors)
      return await db.write(async (tx) => {
        if (await tx.groups.findByName(name as string) !== undefined) refuse([TAKEN])
        return await tx.groups.insert({ name: name as string, notes, at: Date.now() })
      })
    },
  }
}

const TAKEN: FieldError = { field: 'name', code: 'group_taken' }

export type Groups = ReturnType<typeof createGroups>
