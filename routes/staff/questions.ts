import type { Filter, Question } from '../../src/core/directory/index.ts'
import type { GroupFilter } from '../../src/core/directory/groups.ts'
import { daysOf, flagOf, idsOf, numberOf, numbersOf, orderOf, textOf } from '../query.ts'
import type { Span } from '../query.ts'
import { GROUP_ORDER } from './list-schemas.ts'

type Asked = Omit<Question, 'limit' | 'offset'>

const ORDER = {
  id: 'id', username: 'username', email: 'email', created_at: 'createdAt', updated_at: 'updatedAt', gender: 'gender', last_login: 'lastLoginAt',
} as const
const FLAGS = { is_admin: 'isAdmin', is_staff: 'isStaff', is_active: 'isActive' } as const
const FILLED = { has_email: 'email', has_avatar: 'avatar', has_phone: 'phone', has_first_name: 'firstName', has_last_name: 'lastName' } as const
const WHETHER = { is_customer: 'ordinary', is_online: 'online', has_groups: 'in any group' } as const
const TIMES = { created: 'createdAt', updated: 'updatedAt', last_login: 'lastLoginAt' } as const

/** What `GET /api/users/` asks for (CONTRACT §3.4). */
export function listQuestion (query: object): Asked {
  const text = textOf(query, 'search')
  return {
    ...text !== undefined && { search: { text, in: ['number', 'username', 'email', 'firstName', 'lastName', 'phone', 'attributes'] } },
    where: [
      ...flagged(query, FLAGS, (field, value) => [{ is: 'one of', field, values: [value] }]),
      ...flagged(query, FILLED, (field, value) => [{ is: 'filled', field, value }]),
      ...flagged(query, WHETHER, (is, value) => [{ is, value }]),
      ...flagged(query, { has_token: null }, (_, value) => [{ is: 'having a token', value, now: Date.now() }]),
      ...ofGender(query),
      ...inGroups(query),
      ...between('id', numbersOf(query, 'id_min', 'id_max')),
      ...Object.entries(TIMES).flatMap(([wire, field]) => between(field, daysOf(query, wire))),
    ],
    order: orderOf(query, ORDER).map(([by, direction]) => ({ by, direction })),
  }
}

function flagged<const T> (query: object, names: Record<string, T>, filtersOf: (meant: T, value: boolean) => Filter[]): Filter[] {
  return Object.entries(names).flatMap(([wire, meant]) => {
    const value = flagOf(query, wire)
    return value === undefined ? [] : filtersOf(meant, value)
  })
}

function ofGender (query: object): Filter[] {
  const gender = textOf(query, 'gender')
  return gender === undefined ? [] : [{ is: 'one of', field: 'gender', values: [gender] }]
}

function inGroups (query: object): Filter[] {
  const [id, ids] = [numberOf(query, 'group_id'), idsOf(query, 'groups_in')]
  return [...id === undefined ? [] : [[id]], ...ids === undefined ? [] : [ids]].map((ids) => ({ is: 'in groups', ids }))
}

function between (field: 'id' | 'createdAt' | 'updatedAt' | 'lastLoginAt', { from, until }: Span): Filter[] {
  if (from === undefined && until === undefined) return []
  return [{ is: 'between', field, ...from !== undefined && { from }, ...until !== undefined && { until } }]
}

/** The original has had two names for the limits of how many people there are; both count. */
export const fromGroupQuery = (query: object): GroupFilter => ({
  search: textOf(query, 'search'),
  within: [
    ['id', numbersOf(query, 'id_min', 'id_max')],
    ['usersCount', numbersOf(query, 'min_users', 'max_users')],
    ['usersCount', numbersOf(query, 'users_count_min', 'users_count_max')],
    ['createdAt', daysOf(query, 'created')],
    ['updatedAt', daysOf(query, 'updated')],
  ],
  order: orderOf(query, GROUP_ORDER),
})
