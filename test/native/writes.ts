import * as fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { form, PASSWORD } from '../helper.ts'
import type { Person } from '../helper.ts'

/** One write that may be rehearsed, by somebody; `#` in its texts stands for what makes it another one each time. */
export interface Write {
  who: Person
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  body?: object | Buffer | undefined
  headers: Record<string, string>
  /** The declared field that it is about. */
  field?: string
}
interface People { ada: Person, grace: Person, hedy: Person, others: Person[] }

const LONG = 'x'.repeat(6_000)
/** Of each key what is fine, and what is not. */
const VALUES: Record<string, unknown[]> = {
  username: ['name-#', 'name-#', 'name-#', 'grace', 'GRACE', '', 'two words', null, 12, LONG],
  email: ['e#@example.com', 'e#@example.com', 'grace@example.com', 'nowhere', null, ['x']],
  realName: ['Ada #', 'Ada', '', null, LONG],
  firstName: ['Ada #', '', null, {}],
  lastName: ['Lovelace', '', null],
  phone: ['+49 30 #', '110', null, '1'.repeat(30)],
  gender: ['female', 'male', 'unspecified', null, 'frog'],
  dateOfBirth: ['1815-12-10', '1990-1-2', null, '2001-02-30'],
  bio: ['bio #', 'bio', '', null, LONG],
  description: ['short', null, 'y'.repeat(51)],
  website: ['https://example.com/#', null, 'nowhere'],
  location: ['London', '', null],
  locationLatLng: ['51.5,-0.1', null, '91,0'],
  positionLatLng: ['1,2', '', 'x'],
  language: ['de', 'EN-gb', null, '!'],
  avatar: [null, 'no picture'],
  cover: [null],
  avatarFocus: ['0.5,0', '0.25,0.25', null, '9,9'],
  avatarCrop: ['0,0,8,8', '2,2,9,9', null, '0,0,9999,9999'],
  coverFocus: ['0.5,0', null],
  avatarAlt: ['at her desk #', null, LONG],
  coverAlt: ['the sea', null],
  groups: [[1], [1, 2], [], [99], 'x'],
  extId: ['x-#', null],
  isActive: [true, false, 'maybe'],
  isStaff: [true, false],
  isAdmin: [true, false],
  attributes: [{ motto: 'm #' }, { motto: null, shoe_size: 42 }, { shoe_size: 'x' }, { badge: 'b' }, { desk: 'd' }, { birthplace: 'London' }, { nope: 1 }, {}],
  nope: [1],
  realname: ['x'],
  id: [5],
  hidden: [[]],
}
const ROLES = new Set(['isActive', 'isStaff', 'isAdmin', 'username'])
const KEYS = ['f0', 'f1', 'f2', 'f3', 'f4', 'f5']
const RULES: Record<string, unknown[]> = {
  label: ['Label #', '', 'l'.repeat(101)],
  type: ['string', 'integer', 'enum', 'checkbox', 'frog'],
  options: [['a', 'b'], [], ['a', 'a'], 'x'],
  isMandatory: [true, false, false],
  isEditable: [true, false],
  isSearchable: [true, false, 'maybe'],
  read: ['public', 'member', 'self', 'nobody'],
  write: ['self', 'staff', 'admin'],
  nope: [1],
}

/** An object with a few of these keys; mostly with what is fine, which comes first. */
function some (values: Record<string, unknown[]>, max: number): Arbitrary<Record<string, unknown>> {
  const one = fc.constantFrom(...Object.entries(values)).chain(([name, choices]) =>
    fc.tuple(fc.constant(name), fc.oneof({ weight: 3, arbitrary: fc.constant(choices[0]) }, { weight: 2, arbitrary: fc.constantFrom(...choices) })))
  return fc.array(one, { maxLength: max }).map((pairs) => Object.fromEntries(pairs))
}

const headers: Arbitrary<Record<string, string>> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constant({ prefer: 'handling=lenient' }) },
  { weight: 2, arbitrary: fc.record({ 'if-match': fc.constantFrom('"1-x"', '"2-x"', '"3-x", "4-x"', '"99-x"'), prefer: fc.constantFrom('merge=disjoint', 'handling=lenient, merge=disjoint', 'x') }) },
)

/** A body with a file, or the bytes as they are. */
const upload = (kind: string, file: Buffer, isForm: boolean, more: Record<string, string> = {}) =>
  isForm ? form([[kind, { file }], ...Object.entries(more)]) : { payload: file, headers: { 'content-type': 'image/png' } }

/** Writes of every kind that may be rehearsed, by everybody; `files` are pictures. */
export function createWrites ({ ada, grace, hedy, others }: People, files: Buffer[]): Arbitrary<Write> {
  const others_ = fc.constantFrom(...others)
  const sender = fc.constantFrom(grace, hedy, hedy)
  /** Who writes, and where; the roles of those who write stay. */
  const place = fc.oneof(
    fc.constantFrom(ada, grace, hedy).map((who) => ({ who, path: '/me', isFree: false })),
    fc.record({ who: sender, target: fc.constantFrom(ada, grace) }).map(({ who, target }) => ({ who, path: `/people/${target.id}`, isFree: false })),
    fc.record({ who: sender, target: others_ }).map(({ who, target }) => ({ who, path: `/people/${target.id}`, isFree: true })),
  )
  const kept = (body: Record<string, unknown>, isFree: boolean) => Object.fromEntries(Object.entries(body).filter(([name]) => isFree || !ROLES.has(name)))
  const file = fc.constantFrom(...files, ...files, Buffer.from('no picture'))
  const kind = fc.constantFrom('avatar', 'cover')
  const key = fc.constantFrom(...KEYS)

  const create = fc.record({ who: sender, body: some(VALUES, 5), name: fc.constantFrom('new-#', 'new-#', 'new-#', 'new-#', undefined), password: fc.constantFrom(...Array<undefined>(14).fill(undefined), PASSWORD, 'short'), headers })
    .map(({ who, body, name, password, headers }): Write => ({ who, method: 'POST', path: '/people', headers, body: { ...body, ...name && { username: name }, ...password && { password } } }))
  const patch = fc.record({ place, body: some(VALUES, 6), headers })
    .map(({ place: { who, path, isFree }, body, headers }): Write => ({ who, method: 'PATCH', path, headers, body: kept(body, isFree) }))
  const withFile = fc.record({ place, kind, file, isLone: fc.boolean(), headers }).map(({ place: { who, path }, kind, file, isLone, headers }): Write => {
    const { payload, headers: ofBody } = upload(kind, file, !isLone, isLone ? {} : { [`${kind}Alt`]: 'shown #', [`${kind}Focus`]: '0.5,0.5' })
    return { who, method: isLone ? 'PUT' : 'PATCH', path: isLone ? `${path}/${kind}` : path, body: payload, headers: { ...headers, ...ofBody } }
  })
  const cut = fc.record({ place, kind, body: some({ avatarFocus: VALUES.avatarFocus as [], avatarCrop: VALUES.avatarCrop as [], avatarAlt: VALUES.avatarAlt as [], nope: [1] }, 2), headers })
    .map(({ place: { who, path }, kind, body, headers }): Write => ({ who, method: 'PATCH', path: `${path}/${kind}`, body, headers }))
  const remove = fc.record({ place, kind, headers }).map(({ place: { who, path }, kind, headers }): Write => ({ who, method: 'DELETE', path: `${path}/${kind}`, headers }))
  const declare = fc.record({ who: fc.constantFrom(grace, hedy, hedy, hedy), key: fc.oneof({ weight: 6, arbitrary: key }, { weight: 1, arbitrary: fc.constantFrom('Bad key', 'bio', 'constructor') }), body: some(RULES, 3) })
    .map(({ who, key, body }): Write => ({ who, method: 'POST', path: '/fields', body: { key, ...body }, headers: {}, field: key }))
  const change = fc.record({ key: fc.oneof({ weight: 6, arbitrary: key }, { weight: 2, arbitrary: fc.constantFrom('motto', 'shoe_size') }), body: some(RULES, 3), force: fc.constantFrom('', '', '?force=true') })
    .map(({ key, body, force }): Write => ({ who: hedy, method: 'PATCH', path: `/fields/${key}${force}`, body, headers: {}, field: key }))
  const drop = key.map((key): Write => ({ who: hedy, method: 'DELETE', path: `/fields/${key}`, headers: {}, field: key }))
  return fc.oneof(
    { weight: 20, arbitrary: create }, { weight: 50, arbitrary: patch }, { weight: 8, arbitrary: withFile }, { weight: 6, arbitrary: cut },
    { weight: 4, arbitrary: remove }, { weight: 6, arbitrary: declare }, { weight: 4, arbitrary: change }, { weight: 2, arbitrary: drop },
  )
}

/** The same with its `#` said. */
export const numbered = <T>(body: T, n: number): T => Buffer.isBuffer(body) || body === undefined ? body : JSON.parse(JSON.stringify(body).replaceAll('#', String(n))) as T
