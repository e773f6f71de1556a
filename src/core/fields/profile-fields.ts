import { setImmediate as nextTurn } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { FieldRules } from '../../db/index.ts'
import { asOfNow, requireAdmin } from '../access.ts'
import type { Actor } from '../access.ts'
import { AppError, refuse } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import { audit } from '../people/audit.ts'
import { judge } from './attributes.ts'
import type { ProfileField } from './attributes.ts'
import { findingsOf, findingsOfKey, ruled, UNSAID } from './declarations.ts'
import type { Declaration } from './declarations.ts'
import { createDrops } from './drops.ts'
import type { DropNeeds } from './drops.ts'

export type { ProfileField } from './attributes.ts'

/** What a declaration would meet: all accounts, those that hold a value, those that fit now and would no longer. */
export interface Check { accounts: number, values: number, breaks: number }

interface Needs extends DropNeeds {
  /** Keys that a family needs for itself. */
  reservedKeys: ReadonlySet<string>
}

export interface ChangeOptions {
  /** Apply it although accounts break: what they hold stays stored. */
  force?: boolean
  errors?: readonly FieldError[]
}

const COUNTED_AT_ONCE = 1_000

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

  return { list, find, declare, checkNew, change, check, rehearse, ...createDrops({ db, log }) }
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
