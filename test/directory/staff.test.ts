import { randomInt } from 'node:crypto'
import t from 'tap'
import { build, tokenOf } from '../helper.ts'
import { sequence } from '../seeded.ts'
import { generated } from '../volume.ts'
import { GROUPS, populate } from './people.ts'
import type { Known } from './people.ts'
import { fold, matches, ordered } from './reference.ts'
import type { Key } from './reference.ts'

const SEED = Number(process.env.VISAGE_SEED ?? randomInt(2 ** 31))
const PEOPLE = generated(2_000, 800)
const QUESTIONS = generated(500, 300)
const DAY = 86_400_000

t.test(`the staff list says what a naive reading of ${PEOPLE} accounts says`, async (t) => {
  t.comment(`VISAGE_SEED=${SEED}`)
  const random = sequence(SEED)
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T
  const built = await build(t)
  const people = await populate(built, PEOPLE, random)
  const staff = people.find((person) => person.isStaff && !person.isAdmin && person.isActive && person.deletedAt === null) as Known
  const headers = await tokenOf(built, staff)
  // Whoever asks is online.
  staff.lastSeenAt = Date.now()
  staff.hasToken = true

  const day = (time: number) => new Date(time).toISOString().slice(0, 10)
  const start = (date: string) => Date.parse(`${date}T00:00:00Z`)
  const anyDay = () => day(pick(people).createdAt + random(60) * DAY)
  const piece = (text: string): string => {
    const letters = [...text]
    const from = random(letters.length)
    return letters.slice(from, from + 1 + random(6)).join('').trim()
  }
  const yes = () => pick(['true', 'True', '1', 'yes', 'on'])
  const no = () => pick(['false', 'FALSE', '0', 'off'])

  type Filter = () => [value: string, holds: (person: Known) => boolean]
  const flag = (isSo: (person: Known) => boolean): Filter => () => random(2) === 0 ? [yes(), isSo] : [no(), (person) => !isSo(person)]
  const span = (end: string, field: 'createdAt' | 'updatedAt' | 'lastLoginAt'): Filter => () => {
    const date = anyDay()
    const at = (person: Known) => person[field] ?? NaN
    if (end === 'from') return [date, (person) => at(person) >= start(date)]
    if (end === 'to') return [date, (person) => at(person) < start(date) + DAY]
    return [date, (person) => day(at(person) || 0) === date && person[field] !== null]
  }
  const FILTERS: Record<string, Filter> = {
    search: () => {
      const { realName, username, email, phone, firstName, lastName, id } = pick(people)
      const text = pick([() => piece(username), () => piece(email ?? 'x'), () => piece(firstName || 'A'), () => `${piece(lastName || 'b')} ${piece(firstName || 'a')}`, () => piece(phone ?? '1'), () => String(id), () => fold(realName || 'q'), () => piece(realName || 'z').toUpperCase()])()
      return [text, (person) => matches(staff, person, text, ['id', 'username', 'email', 'firstName', 'lastName', 'phone'])]
    },
    is_admin: flag((person) => person.isAdmin),
    is_staff: flag((person) => person.isStaff),
    is_customer: flag((person) => !person.isStaff && !person.isAdmin),
    is_active: flag((person) => person.isActive),
    is_online: flag((person) => (person.lastSeenAt ?? 0) > Date.now() - 5 * 60_000),
    gender: () => {
      const gender = pick(['male', 'female', 'non-binary', 'unspecified', 'other'])
      return [gender, (person) => person.gender === gender]
    },
    has_email: flag((person) => person.email !== null),
    has_avatar: flag((person) => person.avatar !== null),
    has_phone: flag((person) => person.phone !== null),
    has_token: flag((person) => person.hasToken),
    has_first_name: flag((person) => person.firstName !== ''),
    has_last_name: flag((person) => person.lastName !== ''),
    has_groups: flag((person) => person.groups.length > 0),
    group_id: () => {
      const group = pick([...GROUPS, 99])
      return [String(group), (person) => person.groups.includes(group)]
    },
    groups_in: () => {
      const groups = GROUPS.filter(() => random(2) === 0)
      return [groups.join(',') || 'x', groups.length === 0 ? () => true : (person) => person.groups.some((group) => groups.includes(group))]
    },
    id_min: () => {
      const id = random(PEOPLE)
      return [String(id), (person) => person.id >= id]
    },
    id_max: () => {
      const id = random(PEOPLE)
      return [String(id), (person) => person.id <= id]
    },
    ...Object.fromEntries(Object.entries({ created: 'createdAt', updated: 'updatedAt', last_login: 'lastLoginAt' } as const)
      .flatMap(([wire, field]) => ['date', 'from', 'to'].map((end) => [`${wire}_${end}`, span(end, field)]))),
  }
  const KEYS: Record<string, (person: Known) => Key> = {
    id: ({ id }) => id,
    username: ({ username }) => username.toLowerCase(),
    email: ({ email }) => email?.toLowerCase() ?? null,
    created_at: ({ createdAt }) => createdAt,
    updated_at: ({ updatedAt }) => updatedAt,
    gender: ({ gender }) => gender,
    last_login: ({ lastLoginAt }) => lastLoginAt,
  }

  const asked = new Map<string, number>()
  const there = people.filter(({ deletedAt }) => deletedAt === null)
  for (let i = 0; i < QUESTIONS; i++) {
    const names = i < Object.keys(FILTERS).length * 8 ? [Object.keys(FILTERS)[i % Object.keys(FILTERS).length] as string] : Object.keys(FILTERS).filter(() => random(14) === 0)
    const sent = names.map((name) => [name, ...(FILTERS[name] as Filter)()] as const)
    const order = Object.keys(KEYS).filter(() => random(4) === 0).map((name) => [name, random(2) === 0 ? 1 : -1] as const)
    const [limit, offset] = [1 + random(20), random(3) * random(40)]
    const query = new URLSearchParams([...sent.map(([name, value]) => [name, value] as [string, string]), ['limit', String(limit)], ['offset', String(offset)],
      ['ordering', [...order.map(([name, sign]) => `${sign === 1 ? '' : '-'}${name}`), 'unknown'].join()]])
    const wanted = ordered(there.filter((person) => sent.every(([, , holds]) => holds(person))), order.map(([name, sign]) => [KEYS[name] as (person: Known) => Key, sign]))
    const response = await built.app.inject({ url: `/api/users/?${query}`, headers })
    const body = response.json<{ count: number, results: { id: number }[], next: string | null, previous: string | null }>()
    const found = { count: body.count, ids: body.results?.map(({ id }) => id), hasNext: body.next !== null, hasPrevious: body.previous !== null }
    const expected = { count: wanted.length, ids: wanted.slice(offset, offset + limit).map(({ id }) => id), hasNext: offset + limit < wanted.length, hasPrevious: offset > 0 }
    for (const name of [...names, ...order.map(([key]) => `ordering ${key}`)]) asked.set(name, (asked.get(name) ?? 0) + 1)
    if (JSON.stringify(found) !== JSON.stringify(expected)) t.same(found, expected, `${query}, VISAGE_SEED=${SEED}`)
  }
  const least = [...Object.keys(FILTERS), ...Object.keys(KEYS).map((key) => `ordering ${key}`)]
  t.same(least.filter((name) => (asked.get(name) ?? 0) < 8), [], 'everything was asked')
})
