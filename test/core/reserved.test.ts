import t from 'tap'
import type { Test } from 'tap'
import { isReserved } from '../../src/core/fields/reserved.ts'
import { createWorld } from '../access/world.ts'

const HEX = '0123456789abcdef'

/** Each name as it stands, in capitals and with one. */
function table (t: Test, names: readonly string[], expected: boolean): void {
  for (const name of names) {
    for (const spelling of new Set([name, name.toUpperCase(), `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`])) t.equal(isReserved(spelling), expected, spelling)
  }
}

t.test('A6 paths', async (t) => table(t, ['.', '..', 'me', 'avatar', 'default-avatar.svg', '.well-known', 'favicon.ico'], true))

t.test('A6 whatever stands in the addresses of the running server', async (t) => {
  const { routes } = await createWorld(t)
  const segments = new Set(routes.flatMap(({ url }) => url.split('/')).filter((segment) => segment !== '' && !/^[:*]/.test(segment)))
  t.ok(segments.size > 60, `${segments.size} segments`)
  t.same([...segments].filter((segment) => !isReserved(segment)), [])
})

t.test('A6 roles, and names that say nobody or everybody', async (t) => table(t, [
  'admin', 'administrator', 'moderator', 'mod', 'editor', 'staff', 'superuser', 'root', 'support', 'postmaster', 'no-reply', 'visage',
  'null', 'undefined', 'anonymous', 'everyone', 'you',
], true))

t.test('A6 numbers, however they are written', async (t) => table(t, [
  '0', '1', '007', '+1', '-1', '-0', '1.0', '.5', '5.', '1e3', '1e+3', '1e-3', '1e400', '0x10', '0b1', '0o7', '9007199254740993', '9'.repeat(150),
  'infinity', '+infinity', '-infinity', 'nan', '-nan',
], true))

t.test('A6 names that look like the hash of an address', async (t) => {
  const hashes = [HEX.repeat(2), HEX.repeat(4)]
  table(t, [...hashes, ...['jpg', 'jpeg', 'png', 'gif', 'webp'].map((ending) => `${hashes[0]}.${ending}`), `${hashes[1]}.png`], true)
  table(t, [HEX, HEX.repeat(3), `${hashes[0]}0`, `${hashes[0]}.svg`, `x${hashes[0]}`, `${HEX.repeat(2).slice(1)}g`], false)
})

t.test('A6 the operator\'s own names, in any case', async (t) => {
  const more = ['CEO', 'support-team']
  for (const name of ['ceo', 'CEO', 'Ceo', 'support-team', 'SUPPORT-TEAM', 'admin']) t.equal(isReserved(name, more), true, name)
  for (const name of ['ceos', 'support', 'ceo.1']) t.equal(isReserved(name, more), name === 'support', name)
  t.equal(isReserved('ceo'), false)
})

t.test('A6 names that people want are free', async (t) => table(t, [
  'ada', 'nil', 'nancy', 'noc', 'max', 'mary.major', 'art', 'chip', 'will', 'grace', 'bill', 'rob', 'mark', 'dev', 'sam', 'api-fan', 'administrator2', 'admins-friend', 'not-admin',
  'the.editor', 'user1', 'users2', 'agent007', '7of9', '4ever', '1-up', 'e3', '1e', '0x', 'x0', '1_000', '2pac', 'a1', '-', '_', '--', '...', 'infinite', 'inf', 'nano', 'someone',
], false))
