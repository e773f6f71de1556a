import { comparable } from '../../texts/email.ts'
import { and, not, or, sql } from '../drizzle.ts'
import type { SQL } from '../drizzle.ts'
import { dialled } from '../phone.ts'
import { contacts, keys, memberships, sessions, taggings, tags, users } from '../schema.ts'
import type { AttributeValue } from '../schema.ts'
import { soughtIn } from '../search/candidates.ts'
import type { SearchText } from '../search/texts.ts'
import { COLUMNS, PLACE, sees, shownOf } from './shown.ts'
import type { Asking, Column, Reader, Shown } from './shown.ts'

/** One thing that has to be true of a person. What is hidden from the reader counts as empty. */
export type Condition =
  | { is: 'containing', text: string, in: { field: SearchText, shown: Shown }[] }
  | { is: 'one of', field: Column, values: readonly (string | number | boolean)[], shown: Shown, hiddenAs?: string }
  /** Names, addresses and numbers are the same here that are the same where they are unique or looked up; null is nothing. */
  | { is: 'equal', field: Column, value: string | number | boolean | null, shown: Shown, hiddenAs: string | null }
  /** A declared field; what was stored under an earlier type of the field is nothing, as null is. */
  | { is: 'attribute', key: string, type: 'text' | 'integer' | 'boolean', value: AttributeValue | null, shown: Shown }
  | { is: 'filled', field: Column, value: boolean, shown: Shown }
  /** From `from` on and before `until`. */
  | { is: 'between', field: Column, from?: number | string, until?: number | string, shown: Shown }
  | { is: 'in groups', ids: readonly number[], shown: Shown }
  | { is: 'in any group', value: boolean, shown: Shown }
  /** Neither staff nor an admin. */
  | { is: 'ordinary', value: boolean, shown: Shown }
  | { is: 'having a token', value: boolean, now: number, shown: Shown }
  | { is: 'tagged', tag: number, shown: Shown }
  | { is: 'among', ids: readonly number[], value: boolean }
  | { is: 'online', ids: number[], since: number, value: boolean, shown: Shown }
  | { is: 'near', place: string, km: number, shown: Shown }
  | { is: 'nobody' }

/** Who asks, and what of. */
export interface Asked extends Reader {
  /** The declared fields that a search looks at: of everybody (unless narrowed), and of the reader's own row. */
  attributes: { ofAll: string[], own: string[], shown: Shown }
}

type Worded = Asked & Asking

export function sqlOf (condition: Condition, asked: Worded): SQL | undefined {
  // Of a field that only a rule hides: where it is hidden, nothing is true of it.
  const ifSeen = (word: string, shown: Shown, isTrue: SQL): SQL => and(sees(word, shown, asked), isTrue) as SQL
  /** A list as one parameter, however long it is. */
  const numbers = (ids: readonly number[]): SQL => asked.dialect.numbers(JSON.stringify(ids))
  switch (condition.is) {
    case 'containing': return or(...condition.in.map((place) => contains(condition.text, place, asked)))
    case 'one of': {
      if (condition.values.length === 0) return sql`false`
      const values = condition.values.map((value) => COLUMNS[condition.field].mapToDriverValue(value))
      return sql`${shownOf(condition.field, condition.shown, asked, condition.hiddenAs ?? null)} in ${values}`
    }
    case 'equal': return isEqual(condition, asked)
    case 'attribute': return isAttribute(condition, asked)
    case 'filled': return isSo(condition.value, sql`coalesce(${shownOf(condition.field, condition.shown, asked, null)}, '') <> ''`)
    case 'between': {
      const shown = shownOf(condition.field, condition.shown, asked, null)
      const from = condition.from === undefined ? undefined : sql`${shown} >= ${condition.from}`
      return and(from, condition.until === undefined ? undefined : sql`${shown} < ${condition.until}`)
    }
    case 'in groups': return ifSeen('groups', condition.shown, sql`${users.id} in (select ${memberships.userId} from ${memberships} where ${asked.dialect.isAmong(memberships.groupId, condition.ids)})`)
    case 'in any group': return isSo(condition.value, ifSeen('groups', condition.shown, sql`exists (select 1 from ${memberships} where ${memberships.userId} = ${users.id})`))
    case 'ordinary': return ifSeen('isStaff', condition.shown, isSo(condition.value, sql`(${users.isStaff} = 0 and ${users.isAdmin} = 0)`))
    case 'having a token': return ifSeen('id', condition.shown, isSo(condition.value, hasToken(condition.now)))
    case 'tagged': return isTagged(condition, asked)
    case 'among': return isSo(condition.value, sql`${users.id} in (${numbers(condition.ids)})`)
    case 'online': return ifSeen('lastSeenAt', condition.shown, isSo(condition.value, sql`(coalesce(${users.lastSeenAt}, 0) > ${condition.since} or ${users.id} in (${numbers(condition.ids)}))`))
    case 'near': return ifSeen('locationLatLng', condition.shown, sql`distance(${PLACE}, ${condition.place}) <= ${condition.km}`)
    case 'nobody': return sql`false`
  }
}

const isSo = (value: boolean, condition: SQL): SQL => value ? condition : not(condition)

function isEqual ({ field, value, shown, hiddenAs }: Condition & { is: 'equal' }, asked: Worded): SQL | undefined {
  const isSeen = sees(field, shown, asked)
  if (field === 'email' && typeof value === 'string') return and(isSeen, sql`${users.id} = (select ${contacts.userId} from ${contacts} where ${contacts.email} = ${comparable(value)})`)
  // The condition on what is empty is that of the index.
  if (field === 'phone' && typeof value === 'string') return and(isSeen, sql`${users.id} in (select ${contacts.userId} from ${contacts} where ${contacts.phone} = ${dialled(value)} and ${contacts.phone} <> '')`)
  if (field === 'username') return and(isSeen, sql`lower(${users.username}) = ${asked.dialect.lower(value === null ? null : String(value))}`)
  const given = value === null ? null : COLUMNS[field].mapToDriverValue(value)
  return sql`${shownOf(field, shown, asked, hiddenAs)} is not distinct from ${given}`
}

function isAttribute ({ key, type, value, shown }: Condition & { is: 'attribute' }, asked: Worded): SQL {
  const { hasUnder, textUnder, asUnder } = asked.dialect
  const isShown = and(sees(`attributes.${key}`, shown, asked), hasUnder(users.attributes, key, type))
  return sql`case when ${isShown} then ${textUnder(users.attributes, key)} end is not distinct from ${asUnder(value)}`
}

/** Whether these words stand in a field that the reader sees: looked at in the account itself, whatever the index says. */
function contains (words: string, { field, shown }: { field: SearchText, shown: Shown }, asked: Worded): SQL | undefined {
  const text = soughtIn(field, words)
  if (text === undefined) return sql`false`
  // Nothing that anybody could see is in every field, also in one that is hidden.
  if (text === '') return sql`true`
  if (field === 'attributes') return attributesContain(text, asked)
  return and(sees(field, shown, asked), asked.dialect.contains(field, text))
}

function attributesContain (text: string, asked: Worded): SQL {
  const { dialect, reader, attributes: { ofAll, own, shown } } = asked
  const isOneOf = (keys: readonly string[]) => sql`declared.key in (${dialect.texts(JSON.stringify(keys))})`
  const isSeen = and(isOneOf(ofAll), sees(sql`'attributes.' || declared.key`, shown, asked))
  const isOwn = sql`(${users.id} is not distinct from ${reader} and ${isOneOf(own)})`
  const isAnywhere = sql`(${users.attributes} <> '{}' and exists (select 1 from (${dialect.words(users.attributes)}) as declared where says(declared.value, ${text}) = 1 and (${or(isSeen, isOwn)})))`
  return and(dialect.contains('attributes', text), isAnywhere) as SQL
}

function hasToken (now: number): SQL {
  const isOpen = sql`exists (select 1 from ${sessions} where ${sessions.id} = ${keys.sessionId} and ${sessions.revokedAt} is null and ${sessions.expiresAt} > ${now})`
  return sql`exists (select 1 from ${keys} where ${keys.userId} = ${users.id} and ${keys.revokedAt} is null
    and (${keys.expiresAt} is null or ${keys.expiresAt} > ${now}) and (${keys.sessionId} is null or ${isOpen}))`
}

function isTagged ({ tag, shown }: { tag: number, shown: Shown }, { reader }: Asked): SQL | undefined {
  const isToldOf = sql`(${users.id} is not distinct from ${reader} or exists (select 1 from ${tags} where ${tags.id} = ${tag} and ${tags.isVisible} = 1 and ${tags.isActive} = 1))`
  return and(sql`${users.id} in (select ${taggings.userId} from ${taggings} where ${taggings.tagId} = ${tag})`, shown === 'all' ? undefined : isToldOf)
}
