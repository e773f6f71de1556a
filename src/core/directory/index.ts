import type { Account, Database, Order, SearchText } from '../../db/index.ts'
import type { Rights } from '../access.ts'
import { AppError, refuse } from '../errors.ts'
import type { FieldError } from '../errors.ts'
import { classOf } from '../fields/visibility.ts'
import type { Reader } from '../fields/visibility.ts'
import { networkOf } from '../limits/network.ts'
import type { Places } from '../limits/places.ts'
import type { Presence } from '../people/presence.ts'
import type { Cursors, Window } from '../seal/cursors.ts'
import { askingOf, conditionsOf, shownTo } from './conditions.ts'
import type { Filter, Search } from './conditions.ts'
import { filtersOf } from './filters.ts'
import type { Where } from './filters.ts'

export type { Filter } from './conditions.ts'
export type { Where } from './filters.ts'

/** Who asks; `address`: where somebody unknown asks from. */
export interface Asker { actor: Rights | null, address: string }

export interface Question {
  search?: Search
  where: Filter[]
  /** Those that it leaves equal are ordered by id. */
  order: Omit<Order, 'shown'>[]
  limit: number
  offset: number
}

/** What a search looks at: everything that an index or a reading of the accounts can search. */
export const SEARCHED: SearchText[] = ['number', 'username', 'email', 'phone', 'realName', 'firstName', 'lastName', 'location', 'description', 'attributes']
/** What a list by cursor can be ordered by. */
export const ORDERS = ['id', 'username', 'email', 'realName', 'firstName', 'lastName', 'location', 'createdAt', 'updatedAt', 'lastLoginAt', 'distance'] as const satisfies Order['by'][]

export interface PeopleQuestion {
  /** Every word of the text stands in one of these texts, or in one of all. */
  search?: { text: string, in?: SearchText[] }
  where?: Where
}

export interface PageQuestion extends PeopleQuestion, Window {
  /** Those that it leaves equal are ordered by id. `distance` is from `from`, or else from where `near` is. */
  order?: { by: (typeof ORDERS)[number], direction: 'asc' | 'desc', from?: string }[]
}

interface Needs { db: Database, presence: Presence, cursors: Cursors, places: Places }

/** Everybody, as lists and searches find them: nobody finds anybody by what they may not see. */
export function createDirectory ({ db, presence, cursors, places }: Needs) {
  const inTurn = <T>({ actor, address }: Asker, job: () => Promise<T>): Promise<T> => places.hold(actor?.id ?? networkOf(address), job)

  async function accountsOf (ids: readonly number[]): Promise<Account[]> {
    const found = await Promise.all(ids.map((id) => db.read.users.find(id)))
    return found.filter((account) => account !== undefined)
  }

  /** The same for the database, with what this asker sees of it. */
  function asked ({ actor }: Asker, search: Search | undefined, where: readonly Filter[]) {
    const declared = db.read.profileFields.declared()
    const reader = classOf(actor)
    return { ...askingOf(reader, actor?.id ?? null, declared), where: conditionsOf(reader, search, where, { declared, presence }) }
  }

  const searchOf = ({ search }: PeopleQuestion): Search | undefined => search && { in: SEARCHED, ...search }

  return {
    /** A page of people, and how many there are on all pages. Throws `unavailable` when too many ask at once. */
    async list (asker: Asker, { search, where, order, limit, offset }: Question): Promise<{ count: number, people: Account[] }> {
      const query = { ...asked(asker, search, where), order: ordered(classOf(asker.actor), order), limit, offset }
      const { count, ids } = await inTurn(asker, () => db.find(query))
      return { count, people: await accountsOf(ids) }
    },

    /**
     * People a page at a time, by cursor: whoever is there all the time and stays where the order has them is on exactly one page,
     * whatever others write meanwhile. Somebody who is removed while this is read is left out, so a page may be shorter than
     * `limit`; only `next` says whether there are more. Throws `invalid` with these `errors` and everything that is wrong with the
     * question (`attributes.<key>`, `near`, `order`, `limit`, `after`), and `unavailable` when too many ask at once.
     */
    async page (asker: Asker, question: PageQuestion, errors: readonly FieldError[] = []): Promise<{ people: Account[], next: string | null }> {
      const { where = {}, order = [], ...window } = question
      const { filters, findings } = filtersOf(where, db.read.profileFields.declared())
      const search = searchOf(question)
      const reader = classOf(asker.actor)
      const keys = order.map((key) => key.by === 'distance' ? { from: where.near?.place, ...key } : key)
      const isLost = keys.some(({ by, from }) => by === 'distance' && from === undefined)
      const list = {
        read: (after: (string | number | null)[] | undefined, limit: number) =>
          inTurn(asker, () => db.findPage({ ...asked(asker, search, filters), order: ordered(reader, keys as Question['order']), limit, after })),
        placeOf: ({ place }: { place: (string | number | null)[] }) => place,
      }
      const bound = ['people', asker.actor?.id ?? null, reader, search, filters, keys]
      const { rows, next } = await cursors.page(bound, window, list, [...errors, ...findings, ...isLost ? [{ field: 'order', code: 'invalid_choice', params: { value: 'distance' } } as const] : []])
      return { people: await accountsOf(rows.map(({ id }) => id)), next }
    },

    /** The people in a group, by id, a page at a time. Throws `not_found`, and what `page` throws. */
    async members (asker: Asker, group: number, window: Window, errors?: readonly FieldError[]): Promise<{ people: Account[], next: string | null }> {
      if (await db.read.groups.find(group) === undefined) throw new AppError('not_found')
      return await this.page(asker, { where: { group }, ...window }, errors)
    },

    /** How many people `page` would tell of in all; may take as long as reading every account. Throws as `page` does. */
    async count (asker: Asker, question: PeopleQuestion, errors: readonly FieldError[] = []): Promise<number> {
      const { filters, findings } = filtersOf(question.where ?? {}, db.read.profileFields.declared())
      refuse([...errors, ...findings])
      return await inTurn(asker, () => db.countPeople(asked(asker, searchOf(question), filters)))
    },

    /** Whoever is called so, in the order of the names. */
    async named (usernames: readonly string[]): Promise<Account[]> {
      const rows = await Promise.all([...new Set(usernames)].map((name) => db.read.users.findByUsername(name)))
      return await accountsOf([...new Set(rows.flatMap((row) => row?.id ?? []))])
    },
  }
}

/** An order as this reader sees what it goes by. */
const ordered = (reader: Reader, order: Question['order']): Order[] =>
  order.map((key) => ({ ...key, shown: shownTo(reader, key.by === 'distance' ? 'positionLatLng' : key.by) }))
