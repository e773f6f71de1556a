import type { Condition, Order, Shown } from '../../db/directory.ts'
import type { Database } from '../../db/open.ts'
import type { SearchText } from '../../db/search/texts.ts'
import type { Account } from '../../db/users.ts'
import type { Rights } from '../access.ts'
import { FIELDS } from '../fields/index.ts'
import { AUDIENCES, classOf, isSeen, ruleOf } from '../fields/visibility.ts'
import type { Reader } from '../fields/visibility.ts'
import { networkOf } from '../limits/network.ts'
import { createPlaces, PLACES } from '../limits/places.ts'
import type { Presence } from '../people/presence.ts'

type Plain<C> = C extends { is: 'containing' } ? { is: 'containing', text: string, in: SearchText[] } : C extends unknown ? Omit<C, 'shown' | 'hiddenAs'> : never
/** One thing that is asked of people. What the asker may not see of somebody is empty to them. */
export type Filter = Plain<Exclude<Condition, { is: 'online' }>> | { is: 'online', value: boolean }

export interface Question {
  /** Every word of it stands in one of these texts. */
  search?: { text: string, in: SearchText[] }
  where: Filter[]
  /** Those that it leaves equal are ordered by id. */
  order: Omit<Order, 'shown'>[]
  limit: number
  offset: number
}

/** More words say nothing more about whom one looks for. */
const WORDS = 10

/** Everybody, as lists and searches find them: nobody finds anybody by what they may not see. */
export function createDirectory ({ db, presence }: { db: Database, presence: Presence }) {
  const queue = createPlaces(PLACES.searches)

  return {
    /** A page of people, and how many there are on all pages. `address`: where somebody unknown asks from. Throws `unavailable` when too many ask at once. */
    async list ({ actor, address }: { actor: Rights | null, address: string }, { search, where, order, limit, offset }: Question): Promise<{ count: number, people: Account[] }> {
      const declared = db.read.profileFields.declared()
      const reader = classOf(actor)
      const searchable = declared.filter(({ isSearchable }) => isSearchable)

      const shown = (word: string): Shown => shownTo(reader, word)
      const places = (fields: SearchText[]) => fields.map((field) => ({ field, shown: shown(field) }))
      const words = search === undefined ? [] : wordsOf(search.text).map((text): Filter => ({ is: 'containing', text, in: search.in }))
      const conditions = [...words, ...where].map((filter): Condition => {
        switch (filter.is) {
          // No text holds a NUL, and FTS5 cannot be asked for one.
          case 'containing': return filter.text.includes('\0') ? { is: 'nobody' } : { ...filter, in: places(filter.in) }
          case 'online': return { ...filter, ...presence.online() }
          case 'one of': return { ...filter, shown: shown(filter.field), ...filter.field === 'gender' && { hiddenAs: FIELDS.gender.empty } }
          case 'between': return { ...filter, shown: shown(filter.field) }
          case 'near': return { ...filter, shown: shown('positionLatLng') }
          case 'tagged': return { ...filter, shown: reader === 'self' ? 'all' : 'unless narrowed' }
          case 'among': case 'filled': case 'having a token': case 'in any group': case 'in groups': case 'nobody': case 'ordinary': return filter
        }
      })

      const { count, ids } = await queue.hold(actor?.id ?? networkOf(address), () => db.find({
        reader: actor?.id ?? null,
        beyond: AUDIENCES.filter((audience) => !isSeen(reader, audience, undefined)),
        attributes: {
          ofAll: searchable.filter(({ read }) => isSeen(reader, read, undefined)).map(({ key }) => key),
          own: searchable.map(({ key }) => key),
          shown: reader === 'self' ? 'all' : 'unless narrowed',
        },
        where: conditions,
        order: order.map((key) => ({ ...key, shown: shown(key.by === 'distance' ? 'positionLatLng' : key.by) })),
        limit,
        offset,
      }))
      const found = await Promise.all(ids.map((id) => db.read.users.find(id)))
      return { count, people: found.filter((account) => account !== undefined) }
    },

    /** Whoever is called so, in the order of the names. */
    async named (usernames: readonly string[]): Promise<Account[]> {
      const rows = await Promise.all([...new Set(usernames)].map((name) => db.read.users.findByUsername(name)))
      const found = await Promise.all([...new Set(rows.flatMap((row) => row?.id ?? []))].map((id) => db.read.users.find(id)))
      return found.filter((account) => account !== undefined)
    },
  }
}

/** Whether the reader sees a field of everybody, of those who did not narrow it, or only their own. */
function shownTo (reader: Reader, word: string): Shown {
  // The declared fields are looked at one by one, and the number of an account is its name in addresses.
  if (reader === 'self' || word === 'attributes' || word === 'number') return 'all'
  if (!isSeen(reader, FIELDS[word as keyof Account].read, undefined)) return 'own'
  return ruleOf(word, []) === undefined ? 'all' : 'unless narrowed'
}

const wordsOf = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '').slice(0, WORDS)

export type Directory = ReturnType<typeof createDirectory>
