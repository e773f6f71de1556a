import { asc } from '../drizzle.ts'
import type { BetterSQLite3Database } from '../drizzle.ts'
import type { Memory } from './memory.ts'
import type { ProfileField } from '../profile-fields.ts'
import { profileFields } from '../schema.ts'

/** The fields that are declared, in the order in which they were; asked by every request, so they are remembered and told at once. */
export function declaredFields (db: BetterSQLite3Database, memory: Memory): () => readonly ProfileField[] {
  const all = db.select().from(profileFields).orderBy(asc(profileFields.id)).prepare()
  const shown = memory.of('fields', (_: 'all') => all.all().filter(({ droppedAt }) => droppedAt === null))
  let kept: readonly ProfileField[] = []
  let last: readonly ProfileField[] | undefined

  return () => {
    const fields = shown('all')
    if (fields === last) return kept
    last = fields
    if (JSON.stringify(fields) !== JSON.stringify(kept)) kept = fields
    return kept
  }
}
