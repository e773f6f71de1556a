import type { Account, Visibility } from '../../db/index.ts'
import type { Rights } from '../access.ts'
import type { FieldError } from '../errors.ts'
import { emptyOf, keyOf, shown, wordOf } from './attributes.ts'
import type { AttributeValue, ProfileField } from './attributes.ts'
import { FIELDS } from './index.ts'
import type { ReadRule } from './index.ts'

/** How near the reader is to an account; each sees what the one before sees. */
export type Reader = 'public' | 'member' | 'self'

/** An account as one reader may see it: what is hidden is empty, null where the rule itself hides it. */
export type View = {
  [K in Exclude<keyof Account, 'attributes'>]: (typeof FIELDS)[K]['read'] extends 'public' ? Account[K] : Account[K] | null
} & { attributes: Record<string, AttributeValue | null> }

/** Whom a person lets see a field, the widest first. */
export const AUDIENCES = ['public', 'member', 'self'] as const
/** Whom a person asks a field to be shown to; null is whoever the rule lets. */
export type VisibilityChanges = Record<string, (typeof AUDIENCES)[number] | null>

const SEES: Record<Reader, ReadonlySet<ReadRule>> = {
  public: new Set(['public']),
  member: new Set(['public', 'member']),
  self: new Set(['public', 'member', 'self']),
}

const names = Object.keys(FIELDS) as (keyof Account)[]
const nulls = (reader: Reader) => Object.fromEntries(names.filter((name) => !SEES[reader].has(FIELDS[name].read)).map((name) => [name, null]))
const HIDDEN: Record<Reader, object> = { public: nulls('public'), member: nulls('member'), self: nulls('self') }
/** The built-in fields that a person may show to fewer people than the rule does. */
export const NARROWABLE: readonly string[] = names.filter((name) => isNarrowable(FIELDS[name]))

function isNarrowable (field: { read: ReadRule, write: string, empty?: unknown }): boolean {
  return field.write === 'self' && field.empty !== undefined && (field.read === 'public' || field.read === 'member')
}

/** What somebody sees of others. */
export function classOf (actor: Rights | null): Reader {
  if (actor === null) return 'public'
  return actor.isStaff || actor.isAdmin ? 'self' : 'member'
}

/** How near the actor is to this account. */
export const readerOf = (actor: Rights | null, account: { id: number }): Reader => actor?.id === account.id ? 'self' : classOf(actor)

/** The rule of a field that can be narrowed, built in or declared; undefined for any other word. */
export function ruleOf (word: string, declared: readonly ProfileField[]): Reader | undefined {
  const key = keyOf(word)
  if (key !== undefined) return declared.find((field) => field.key === key)?.read
  return NARROWABLE.includes(word) ? FIELDS[word as keyof Account].read as Reader : undefined
}

/** Whether this reader may see a field that has such a rule and that its owner has narrowed so. */
export const isSeen = (reader: Reader, rule: ReadRule, narrowed: ReadRule | undefined): boolean =>
  SEES[reader].has(rule) && (narrowed === undefined || SEES[reader].has(narrowed))

/** The account with everything hidden that this actor may not see, and every declared field in its place. */
export function viewFor (actor: Rights | null, account: Account, declared: readonly ProfileField[]): View {
  const reader = readerOf(actor, account)
  const view = { ...account, ...HIDDEN[reader], attributes: shown(declared, account) }
  if (reader === 'self') return view
  view.tags = account.tags.filter((tag) => tag.isVisible && tag.isActive)
  for (const word of Object.keys(account.visibility)) {
    if (keyOf(word) === undefined && !isSeen(reader, 'public', account.visibility[word])) Object.assign(view, { [word]: FIELDS[word as 'bio'].empty })
  }
  for (const field of declared) {
    if (!isSeen(reader, field.read, account.visibility[wordOf(field.key)])) view.attributes[field.key] = emptyOf(field)
  }
  return view
}

/** What is made of the declared fields, once for as long as they are the same. */
function onceFor<K extends string, T> (make: (key: K, declared: readonly ProfileField[]) => T): typeof make {
  const made = new WeakMap<readonly ProfileField[], Map<K, T>>()
  return (key, declared) => {
    const known = made.get(declared) ?? new Map<K, T>()
    made.set(declared, known)
    const value = known.get(key) ?? make(key, declared)
    known.set(key, value)
    return value
  }
}

const NONE: Visibility = {}
const isEmpty = (visibility: Visibility): boolean => { for (const _ in visibility) return false; return true }

/** The fields that are closed to this reader, in the core's words, whether or not they hold anything. */
export function hiddenFrom (reader: Reader, { visibility }: Pick<Account, 'visibility'>, declared: readonly ProfileField[]): ReadonlySet<string> {
  return reader === 'self' || isEmpty(visibility) ? hiddenByRule(reader, declared) : hiddenBy(reader, visibility, declared)
}

const hiddenByRule = onceFor((reader: Reader, declared) => hiddenBy(reader, NONE, declared))

function hiddenBy (reader: Reader, narrowed: Visibility, declared: readonly ProfileField[]): Set<string> {
  const hidden = new Set(Object.keys(HIDDEN[reader]))
  for (const word of Object.keys(narrowed)) if (word in FIELDS && !isSeen(reader, 'public', narrowed[word])) hidden.add(word)
  for (const { key, read } of declared) if (!isSeen(reader, read, narrowed[wordOf(key)])) hidden.add(wordOf(key))
  return hidden
}

/** Every field that can be narrowed, and who sees it now. */
export function audiencesOf ({ visibility }: Pick<Account, 'visibility'>, declared: readonly ProfileField[]): Readonly<Record<string, Reader>> {
  return isEmpty(visibility) ? audiencesByRule('all', declared) : audiencesBy(visibility, declared)
}

const audiencesByRule = onceFor((_: 'all', declared) => audiencesBy(NONE, declared))

function audiencesBy (visibility: Visibility, declared: readonly ProfileField[]): Record<string, Reader> {
  const audiences: Record<string, Reader> = {}
  for (const word of NARROWABLE) audiences[word] = narrower(FIELDS[word as 'bio'].read, visibility[word])
  for (const { key, read } of declared) audiences[wordOf(key)] = narrower(read, visibility[wordOf(key)])
  return audiences
}

const narrower = (a: Reader, b: Reader = 'public'): Reader => AUDIENCES.indexOf(a) > AUDIENCES.indexOf(b) ? a : b

/** A rule can be narrowed and never widened; words that are no field's are not looked at. */
export function findingsOf (declared: readonly ProfileField[], changes: VisibilityChanges = {}): FieldError[] {
  return Object.entries(changes).flatMap(([word, audience]) => {
    const rule = ruleOf(word, declared)
    const isFine = rule === undefined || audience === null || (AUDIENCES.includes(audience) && narrower(rule, audience) === audience)
    return isFine ? [] : [{ field: word, code: 'invalid_choice', params: { value: audience } } as const]
  })
}

/** What is stored after these changes: only what is narrower than its rule, in one order of keys. */
export function merged (before: Visibility, changes: VisibilityChanges, declared: readonly ProfileField[]): Visibility {
  const known = Object.entries(changes).filter(([word]) => ruleOf(word, declared) !== undefined)
  const entries = Object.entries({ ...before, ...Object.fromEntries(known) })
    .filter((entry): entry is [string, 'member' | 'self'] => entry[1] !== null && entry[1] !== 'public' && entry[1] !== ruleOf(entry[0], declared))
  return Object.fromEntries(entries.sort(([a], [b]) => a < b ? -1 : 1))
}
