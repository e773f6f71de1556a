import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { attributes } from './declared.ts'
import { GROUPS, POOL } from './families.ts'
import type { Family } from './families.ts'
import { chosen, MARK, someFocus } from './values.ts'
import type { Value } from './values.ts'

/** The columns of an account before a request, the groups it is in, and how the pictures that its columns name are cut. */
export interface Base { columns: Columns, groups: number[], cuts: Cuts }
export type Kind = 'avatar' | 'cover'
/** As the row keeps them. `mould`: which of a few pictures it is. */
type Cuts = Record<Kind, { mould: number, focus: string | null, crop: string | null }>
export type Columns = Record<string, string | number | null>

/** One request, and the account it meets. Plain data, so that it can be printed and made smaller. */
export interface Case {
  method: string
  values: Record<string, Value>
  ignored: string[]
  base: Base
}

const bit = fc.nat(1)
const time = fc.integer({ min: 1, max: 2 ** 42 })
const counter = fc.nat(1_000)
const orNull = <T>(arbitrary: Arbitrary<T>): Arbitrary<T | null> => fc.option(arbitrary, { freq: 3 })
const shown = (digit: string) => fc.option(fc.constant(digit.repeat(31) + MARK), { freq: 3 })
const words = fc.constantFrom('', 'x', 'two words', 'Zo\u00eb \u{1f600}', "it's")
const phone = fc.string({ unit: fc.constantFrom(...'0123456789+-'), minLength: 1, maxLength: 20 })
const name = fc.string({ unit: fc.constantFrom(...'abz09_-.@+'), minLength: 1, maxLength: 12 })

/** Every column that an account can have something in, and as a rule has; `updated_at` may lie ahead of the clock. */
export const columns = fc.record({
  username: name.map((text) => text + MARK),
  email: orNull(name.map((text) => `${MARK}${text.replace(/\W/g, 'o')}@example.net`)),
  email_confirmed: bit,
  password_hash: orNull(fc.constant('$argon2id$v=19$not-a-real-one')),
  real_name: words,
  first_name: words,
  last_name: words,
  phone: orNull(phone),
  gender: fc.constantFrom('unspecified', 'male', 'female', 'non-binary'),
  date_of_birth: orNull(fc.constantFrom('1815-12-10', '0001-01-01', '2999-12-31')),
  bio: words,
  description: words,
  website: fc.constantFrom('', 'https://example.com/a'),
  location: words,
  location_lat_lng: fc.constantFrom('', '51.5,-0.1'),
  position_lat_lng: fc.constantFrom('', '-90,180'),
  language: fc.constantFrom('en', 'it'),
  attributes,
  visibility: fc.constantFrom('{}', '{ "bio":"self", "attributes.motto":"member","avatar":"member"}'),
  settings: fc.constantFrom('{}', '{"qaFrequency":0 }'),
  is_found_by_email: bit,
  avatar: shown('a'),
  cover: shown('c'),
  is_active: bit,
  is_staff: bit,
  is_admin: bit,
  role: orNull(fc.constantFrom('editor', 'moderator')),
  ext_id: orNull(fc.constantFrom('7', 'x-1').map((text) => text + MARK)),
  reg_approved: bit,
  community_badge: bit,
  can_receive_messages: bit,
  reputation: counter,
  followings: counter,
  followers: counter,
  posts: counter,
  discussions: counter,
  statuses: counter,
  polls: counter,
  categories: counter,
  unseen_interactions: counter,
  unseen_banners: counter,
  version: fc.integer({ min: 1, max: 2 ** 40 }),
  created_at: time,
  updated_at: time,
  last_login_at: orNull(time),
  revoked_at: orNull(time),
})

/** Every crop lies within each of the moulds, and some of them outside of what is uploaded. */
const MOULDS = 2
const focus = fc.constantFrom(null, null, '[0.25,-0.5]', '[0,0]', '[1,1]')
const cuts: Arbitrary<Cuts> = fc.record({
  avatar: fc.record({ mould: fc.nat(MOULDS - 1), focus, crop: fc.constantFrom(null, null, '[2,2,6,8]', '[0,0,18,20]') }),
  cover: fc.record({ mould: fc.nat(MOULDS - 1), focus, crop: fc.constant(null) }),
})

/**
 * Any subset of a family's fields in any order, each with any value, and a few keys that count for nothing; now and then a new
 * avatar with a cut of its own and nothing else, which would come too seldom.
 */
export function cases ({ methods, values, ignored, columns: of }: Family, roles: Columns): Arbitrary<Case> {
  const wireName = (column: string) => Object.keys(of).find((name) => of[name] === column) as string
  const [avatar, focus] = [wireName('avatar'), wireName('avatar_focus')]
  return fc.record({
    method: fc.constantFrom(...Object.keys(methods)),
    said: fc.oneof(
      { weight: 15, arbitrary: fc.record({ names: fc.shuffledSubarray(Object.keys(values)), all: fc.record(values) }) },
      { weight: 1, arbitrary: fc.record({ names: fc.constant([avatar, focus]), all: fc.record({ ...values, [avatar]: chosen(POOL), [focus]: someFocus }) }) },
    ),
    noise: fc.subarray(ignored, { maxLength: 4 }),
    columns,
    groups: fc.subarray(GROUPS),
    cuts,
  }).map(({ method, said: { names, all }, noise, columns, groups, cuts }) => {
    const required = (methods[method] ?? []).filter((field) => !names.includes(field))
    const isAvatar = (field: string) => field === 'avatar' || field === 'avatar_base64'
    // Two pictures for one place are refused: the one that comes first is sent.
    const named = [...required, ...names].filter((field) => !isAvatar(field) || field === names.find(isAvatar))
    const sent = Object.fromEntries(named.map((field) => [field, all[field] as Value]))
    return { method, values: sent, ignored: noise, base: { columns: { ...columns, ...roles }, groups, cuts } }
  })
}
