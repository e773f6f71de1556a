import type { Account, Condition, SearchText, Shown } from '../../db/index.ts'
import { isStorable } from '../../texts/storable.ts'
import type { ProfileField } from '../fields/attributes.ts'
import { FIELDS } from '../fields/index.ts'
import { AUDIENCES, isSeen, ruleOf } from '../fields/visibility.ts'
import type { Reader } from '../fields/visibility.ts'
import type { Presence } from '../people/presence.ts'

type Plain<C> = C extends { is: 'containing' } ? { is: 'containing', text: string, in: SearchText[] } : C extends unknown ? Omit<C, 'shown' | 'hiddenAs'> : never
/** One thing that is asked of people. What the asker may not see of somebody is empty to them. */
export type Filter = Plain<Exclude<Condition, { is: 'online' }>> | { is: 'online', value: boolean }

export interface Search {
  text: string
  /** Every word of it stands in one of these texts. */
  in: SearchText[]
}

/** More words say nothing more about whom one looks for. */
const WORDS = 10

const wordsOf = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '').slice(0, WORDS)

/** What is asked of people, as this reader may ask it: each part with how far they see what it is about. */
export function conditionsOf (reader: Reader, search: Search | undefined, where: readonly Filter[], { declared, presence }: { declared: readonly ProfileField[], presence: Presence }): Condition[] {
  const shown = (word: string): Shown => shownTo(reader, word)
  // For whom a rule sets no limit: what a person has narrowed, and what is nobody's business but their own.
  const narrowed = reader === 'self' ? 'all' : 'unless narrowed'
  const words = search === undefined ? [] : wordsOf(search.text).map((text): Filter => ({ is: 'containing', text, in: search.in }))
  return [...words, ...where].map((filter): Condition => {
    if (!isAskable(filter)) return { is: 'nobody' }
    switch (filter.is) {
      case 'containing': return { ...filter, in: filter.in.map((field) => ({ field, shown: shown(field) })) }
      case 'one of': return { ...filter, shown: shown(filter.field), ...filter.field === 'gender' && { hiddenAs: FIELDS.gender.empty } }
      case 'equal': return { ...filter, shown: shown(filter.field), hiddenAs: emptyOf(filter.field) }
      case 'attribute': return { ...filter, shown: isSeen(reader, declared.find(({ key }) => key === filter.key)?.read ?? 'never', undefined) ? narrowed : 'own' }
      case 'filled': case 'between': return { ...filter, shown: shown(filter.field) }
      case 'near': return { ...filter, shown: shown('positionLatLng') }
      case 'online': return { ...filter, ...presence.online(), shown: shown('lastSeenAt') }
      case 'in groups': case 'in any group': return { ...filter, shown: shown('groups') }
      case 'ordinary': return { ...filter, shown: shown('isStaff') }
      case 'having a token': return { ...filter, shown: reader === 'self' ? 'all' : 'own' }
      case 'tagged': return { ...filter, shown: narrowed }
      case 'among': case 'nobody': return filter
    }
  })
}

/** What holds a NUL nobody has, and no engine can be asked for it. */
function isAskable (filter: Filter): boolean {
  const values = 'values' in filter ? filter.values : 'value' in filter ? [filter.value] : 'text' in filter ? [filter.text] : []
  return values.every((value) => typeof value !== 'string' || isStorable(value))
}

/** Who reads, as the database is to be asked. */
export function askingOf (reader: Reader, id: number | null, declared: readonly ProfileField[]) {
  const searchable = declared.filter(({ isSearchable }) => isSearchable)
  return {
    reader: id,
    beyond: AUDIENCES.filter((audience) => !isSeen(reader, audience, undefined)),
    attributes: {
      ofAll: searchable.filter(({ read }) => isSeen(reader, read, undefined)).map(({ key }) => key),
      own: searchable.map(({ key }) => key),
      shown: reader === 'self' ? 'all' : 'unless narrowed',
    } as const,
  }
}

/** Whether the reader sees a field of everybody, of those who did not narrow it, or only their own. */
export function shownTo (reader: Reader, word: string): Shown {
  // The declared fields are looked at one by one, and the number of an account is its name in addresses.
  if (reader === 'self' || word === 'attributes' || word === 'number') return 'all'
  if (!isSeen(reader, FIELDS[word as keyof Account].read, undefined)) return 'own'
  return ruleOf(word, []) === undefined ? 'all' : 'unless narrowed'
}

/** What a field holds that was cleared, or is hidden. */
function emptyOf (field: keyof typeof FIELDS): string | null {
  const rules: { empty?: string | null, read: string } = FIELDS[field]
  return rules.empty ?? null
}
