import type { Account, Database, Queries } from '../../db/index.ts'
import { asOfNow } from '../access.ts'
import type { Actor } from '../access.ts'
import { AppError } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import type { Changes } from '../fields/index.ts'
import type { Spending } from '../limits/index.ts'
import type { IfMatch, WriteOptions } from './revision.ts'

/** Changes without pictures, and what is said of them: each would take a place among those who make some. */
export type PlainChanges = Omit<Changes, 'avatar' | 'cover' | 'cuts' | 'alts'>

export interface BatchItem {
  id: number
  changes: PlainChanges
  ifMatch?: IfMatch
  /** What the family has found already; thrown together with what the core finds. */
  errors: readonly FieldError[]
}

export interface BatchOptions extends Omit<WriteOptions, 'ifMatch'> {
  /** All or none. */
  isAtomic: boolean
  /** Leaves nothing: throws and resolves as it would. */
  isDry: boolean
}

interface Needs {
  db: Database
  /** What the actor may change, and what that spends; as the beginning of an edit has it. */
  ask: (asked: { actor: Actor, id: number, changes: Changes }) => Promise<{ wanted: Changes, spending: () => Spending }>
  /** The part of an edit that is in its transaction, with everything that is found. */
  commit: (tx: Queries, edit: BatchItem & Omit<WriteOptions, 'ifMatch'> & { actor: Actor }) => Promise<{ account: Account }>
}

interface Work { run: (tx: Queries) => Promise<Account>, resolve: (account: Account) => void, reject: (reason: unknown) => void }

/**
 * Edits of several people in one commit, as if they had been made one after the other, each judged alone. What the family refused
 * comes as an error in place of the item. Resolves to how each of them ended: with what a single edit throws, or, where another
 * kept all from being stored, `failed_dependency`. Throws what `asOfNow` throws.
 */
export function createBatch ({ db, ask, commit }: Needs) {
  return async function editMany (actor: Actor, items: readonly (BatchItem | Error)[], { isAtomic, isDry, ...way }: BatchOptions): Promise<PromiseSettledResult<Account>[]> {
    await asOfNow(db.read, actor)
    const works: Work[] = []

    const queued = (run: Work['run']) => new Promise<Account>((resolve, reject) => { works.push({ run, resolve, reject }) })

    /** Resolves once the work is among the others, to how it will have ended. */
    async function begin (item: BatchItem | Error): Promise<{ ended: Promise<PromiseSettledResult<Account>> }> {
      try {
        if (item instanceof Error) throw item
        const { wanted, spending } = await ask({ actor, ...item })
        const edit = () => queued(async (tx) => (await commit(tx, { ...item, ...way, actor })).account)
        return await (item.errors.length > 0 || wanted.email === undefined ? { ended: settled(edit()) } : spent(spending(), edit))
      } catch (error) {
        // In its turn, because an item before it may take away what the actor is.
        return { ended: settled(queued(async (tx) => {
          await asOfNow(tx, actor)
          throw error
        })) }
      }
    }

    /** Rejects when there is nothing left to spend. */
    const spent = (spend: Spending, edit: () => Promise<Account>) => new Promise<{ ended: Promise<PromiseSettledResult<Account>> }>((begun, refused) => {
      const ended = Promise.withResolvers<Account>()
      spend(() => {
        begun({ ended: settled(ended.promise) })
        return edit()
      }).then(ended.resolve, (reason: unknown) => {
        refused(reason)
        ended.reject(reason)
      })
      ended.promise.catch(() => {})
    })

    const begun = []
    for (const item of items) begun.push(await begin(item))
    const isWhole = works.length === items.length
    const keep = isDry || (isAtomic && !isWhole) ? 'none' : isAtomic ? 'all' : 'each'
    const ends = await db.writeAll(works.map(({ run }) => run), keep)
    const isRefused = isAtomic && !(isWhole && ends.every(({ status }) => status === 'fulfilled'))
    for (const [i, { resolve, reject }] of works.entries()) {
      const end = ends[i] as PromiseSettledResult<Account>
      if (end.status === 'rejected') reject(end.reason)
      else if (isRefused) reject(new AppError('failed_dependency'))
      else resolve(end.value)
    }
    return await Promise.all(begun.map(({ ended }) => ended))
  }
}

const settled = async (promise: Promise<Account>): Promise<PromiseSettledResult<Account>> => (await Promise.allSettled([promise]))[0]
