import type { Database } from '../../db/index.ts'
import { asOfNow, requireAdmin } from '../access.ts'
import type { Actor } from '../access.ts'
import { AppError } from '../errors.ts'
import { audit } from '../people/audit.ts'
import type { ProfileField } from './attributes.ts'

export interface DropNeeds {
  db: Database
  log?: { warn: (details: object, message: string) => void } | undefined
}

/** Few, because each is taken out of the index and put into it again, and everybody's writes wait. */
const EMPTIED_AT_ONCE = 50

/** The end of declared fields: hidden at once, and then emptied. */
export function createDrops ({ db, log }: DropNeeds) {
  /**
   * Hides a field at once and removes its values, a few accounts at a time; what a crash leaves is for `finishDrops`. Tells
   * `onProgress` how many accounts it has emptied, and resolves to how many had something to remove. Throws `not_found`.
   */
  async function drop (actor: Actor, key: string, onProgress?: (emptied: number) => void): Promise<number> {
    const field = await db.write(async (tx) => {
      requireAdmin(await asOfNow(tx, actor))
      const declared = (await tx.profileFields.list()).find((other) => other.key === key && other.droppedAt === null)
      if (declared === undefined) throw new AppError('not_found')
      await tx.profileFields.drop(declared.id, Date.now())
      await audit(tx, actor, { noun: 'field', verb: 'removed', subject: declared.id, fields: [key] })
      return declared
    })
    return await empty(field, onProgress)
  }

  async function empty ({ id, key }: ProfileField, onProgress: (emptied: number) => void = () => {}): Promise<number> {
    let emptied = 0
    let last: number | undefined = 0
    while (last !== undefined) {
      const after: number = last
      const page = await db.write(async (tx) => {
        // Two may be at it at once; when the other one is done, the key is free and the values under it are somebody's.
        const isDropped = (await tx.profileFields.list()).some((field) => field.id === id && field.droppedAt !== null)
        const page = isDropped ? await tx.profileFields.emptyValues(key, after, EMPTIED_AT_ONCE) : { emptied: 0, last: undefined }
        if (isDropped && page.last === undefined) await tx.profileFields.remove(id)
        return page
      })
      last = page.last
      emptied += page.emptied
      if (page.emptied > 0) onProgress(emptied)
    }
    await db.truncateLog()
    return emptied
  }

  /** Goes on with removals that were interrupted. Resolves to how many it finished; what failed is logged. */
  async function finishDrops (): Promise<number> {
    const dropped = (await db.read.profileFields.list()).filter(({ droppedAt }) => droppedAt !== null)
    let finished = 0
    for (const field of dropped) {
      try {
        await empty(field)
        finished++
      } catch (error) {
        log?.warn({ err: error, key: field.key }, 'what is left of a dropped profile field was not removed')
      }
    }
    return finished
  }

  return { drop, finishDrops }
}
