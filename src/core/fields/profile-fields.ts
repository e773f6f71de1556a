import { setImmediate as nextTurn } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Database } from '../../db/open.ts'
import type { FieldRules } from '../../db/profile-fields.ts'
import { asOfNow, requireAdmin } from '../access.ts'
import type { Actor } from '../access.ts'
import { AppError, refuse } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import { audit } from '../people/audit.ts'
import { judge } from './attributes.ts'
import type { ProfileField } from './attributes.ts'
import { findingsOf, findingsOfKey, ruled, UNSAID } from './declarations.ts'
import type { Declaration } from './declarations.ts'

export type { ProfileField } from './attributes.ts'

/** What a declaration would meet: all accounts, those that hold a value, those that fit now and would no longer. */
export interface Check { accounts: number, values: number, breaks: number }

interface Needs {
  db: Database
  /** Keys that a family needs for itself. */
  reservedKeys: ReadonlySet<string>
  log?: { warn: (details: object, message: string) => void } | undefined
}

export interface ChangeOptions {
  /** Apply it although accounts break: what they hold stays stored. */
  force?: boolean
  errors?: readonly FieldError[]
}

const COUNTED_AT_ONCE = 1_000
/** Few, because each is taken out of the index and put into it again, and everybody's writes wait. */
const EMPTIED_AT_ONCE = 50

/** The fields that an operator declares beside the built-in ones. Writing takes an admin: `permission_denied` otherwise. */
export function createProfileFields ({ db, reservedKeys, log }: Needs) {
  const list = (): readonly ProfileField[] => db.read.profileFields.declared()

  function find (key: string): ProfileField {
    const field = list().find((declared) => declared.key === key)
    if (field === undefined) throw new AppError('not_found')
    return field
  }

  /** Throws what is wrong with a new field, all at once. */
  async function judged (key: string | undefined, rules: FieldRules, errors: readonly FieldError[]): Promise<string> {
    const ofKey: FieldError[] = key === undefined ? [{ field: 'key', code: 'required' }] : findingsOfKey(key, await db.read.profileFields.list(), reservedKeys)
    refuse(together(errors, [...ofKey, ...findingsOf(rules)]))
    return key as string
  }

  /** Throws `invalid` with everything that is wrong. */
  async function declare (actor: Actor, { key, ...said }: Declaration & { key?: string }, errors: readonly FieldError[] = []): Promise<ProfileField> {
    const rules = ruled(UNSAID, said)
    const wanted = await judged(key, rules, errors)
    return await db.write(async (tx) => {
      requireAdmin(await asOfNow(tx, actor))
      refuse(findingsOfKey(wanted, await tx.profileFields.list(), reservedKeys))
      const field = await tx.profileFields.insert(wanted, rules, Date.now())
      await audit(tx, actor, { noun: 'field', verb: 'created', subject: field.id, fields: [wanted] })
      return field
    })
  }

  /** What `declare` would meet, or throw. */
  async function checkNew ({ key, ...said }: Declaration & { key?: string }, errors: readonly FieldError[] = []): Promise<Check> {
    const rules = ruled(UNSAID, said)
    await judged(key, rules, errors)
    const accounts = await db.read.profileFields.countAccounts()
    return { accounts, values: 0, breaks: fits(rules, null) ? 0 : accounts }
  }

  /**
   * Changes what is said and nothing else. Throws `not_found`, and `invalid` with everything that is wrong, or with
   * `accounts_break` when accounts would stop to fit.
   */
  async function change (actor: Actor, key: string, said: Declaration, { force = false, errors = [] }: ChangeOptions = {}): Promise<ProfileField> {
    for (;;) {
      const before = find(key)
      const rules = ruled(before, said)
      refuse(together(errors, findingsOf(rules)))
      if (!force && !isJudgedAlike(before, rules)) {
        requireFit(await count(before, rules))
      }
      const changed = await db.write(async (tx) => {
        requireAdmin(await asOfNow(tx, actor))
        const now = (await tx.profileFields.list()).find(({ id }) => id === before.id)
        // Somebody else was quicker, and what was counted may be wrong by now.
        if (!isDeepStrictEqual(now, before)) return undefined
        if (isDeepStrictEqual(rules, ruled(before, {}))) return before
        await audit(tx, actor, { noun: 'field', verb: 'changed', subject: before.id, fields: [key] })
        return await tx.profileFields.update(before.id, rules, Math.max(Date.now(), before.updatedAt + 1))
      })
      if (changed !== undefined) return changed
    }
  }

  /** What `change` would meet. Throws `not_found` and what is wrong with the rules. */
  async function check (key: string, said: Declaration, errors: readonly FieldError[] = []): Promise<Check> {
    const before = find(key)
    const rules = ruled(before, said)
    refuse(together(errors, findingsOf(rules)))
    return await count(before, rules)
  }

  /** The same, and throws whatever else `change` would. */
  async function rehearse (key: string, said: Declaration, { force = false, errors }: ChangeOptions = {}): Promise<Check> {
    const found = await check(key, said, errors)
    if (!force) requireFit(found)
    return found
  }

  /** An edit that comes while this counts is judged by the rules as they still are. */
  async function count ({ key, ...before }: ProfileField, rules: FieldRules): Promise<Check> {
    const check = { accounts: 0, values: 0, breaks: 0 }
    let page: Awaited<ReturnType<typeof db.read.profileFields.values>> = []
    do {
      if (page.length > 0) await nextTurn()
      page = await db.read.profileFields.values(key, page.at(-1)?.id ?? 0, COUNTED_AT_ONCE)
      check.accounts += page.length
      for (const { value } of page) {
        if (value !== null) check.values++
        if (fits(before, value) && !fits(rules, value)) check.breaks++
      }
    } while (page.length === COUNTED_AT_ONCE)
    return check
  }

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

  return { list, find, declare, checkNew, change, check, rehearse, drop, finishDrops }
}

function requireFit ({ breaks }: Check): void {
  if (breaks > 0) refuse([{ field: null, code: 'accounts_break', params: { count: breaks } }])
}

const fits = (rules: FieldRules, value: unknown): boolean => judge(rules, value) === undefined

const isJudgedAlike = (a: FieldRules, b: FieldRules): boolean =>
  a.type === b.type && a.isMandatory === b.isMandatory && isDeepStrictEqual(a.options, b.options)

/** What a family has found already is not found twice; whether there may be choices is not known without a type. */
function together (errors: readonly FieldError[], found: readonly FieldError[]): FieldError[] {
  const known = new Set(errors.flatMap(({ field }) => field === 'type' ? ['type', 'options'] : [field]))
  return [...errors, ...found.filter(({ field }) => !known.has(field))]
}
