import t from 'tap'
import { OPERATOR } from '../../src/app.ts'
import { encodings } from '../community/world.ts'
import { PASSWORD, signUp } from '../helper.ts'
import type { Person } from '../helper.ts'
import { createWorld } from '../life/world.ts'
import type { Headers } from '../life/world.ts'
import { FAMILIES, makeToken, signInToken, statusOf, tokensOf } from './world.ts'

const NEW = 'a whole new secret'
const world = await createWorld(t)
const { app, ask, core } = world
const family = { family: 'operator' }
let born = 0

/** Somebody new, with an API token of their own and one that the operator made. */
async function holder (): Promise<{ person: Person, tokens: Headers[] }> {
  const person = await signUp(world, `holder-${born++}`)
  const { secret } = await core.keys.create(person.id)
  return { person, tokens: [await makeToken(world, person), { authorization: `Token ${secret}` }] }
}
const statuses = (tokens: Headers[]) => Promise.all(tokens.map((headers) => statusOf(world, headers)))
const ALIVE = [200, 200]
const ENDED = [401, 401]

const chief = await signUp(world, 'chief', { isAdmin: true })

t.test('A2 an API token does not end with the session that made it, nor with the others', async (t) => {
  for (const { own } of FAMILIES) {
    const { person, tokens } = await holder()
    t.equal((await ask('DELETE', `${own}/sessions/`, undefined, person.headers)).statusCode, 204)
    t.equal(await statusOf(world, person.headers), 401)
    t.same(await statuses(tokens), ALIVE)
    const { person: other, tokens: theirs } = await holder()
    t.equal((await ask('POST', `${own}/sign-out/`, undefined, other.headers)).statusCode, 204)
    t.same(await statuses(theirs), ALIVE)
  }
})

t.test('A2 the end of all sessions takes the API tokens along when it is asked to, in the body or the query', async (t) => {
  const json = (body: object) => ({ payload: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
  const ways: [name: string, ends: boolean, query: string, sent: { payload?: string | Buffer, headers?: object }][] = [
    ['the query', true, '?tokens=true', {}],
    ['the query says nothing', false, '?tokens=', {}],
    ['JSON', true, '', json({ tokens: true })],
    ['JSON says no, and goes before the query', false, '?tokens=true', json({ tokens: false })],
    ...encodings({ tokens: 'true' }).map(([name, sent]): [string, boolean, string, typeof sent] => [`${name}, as a text`, true, '', sent]),
  ]
  const bystander = await makeToken(world, chief)
  for (const [i, [name, ends, query, sent]] of ways.entries()) {
    const { person, tokens } = await holder()
    const response = await app.inject({ method: 'DELETE', url: `${FAMILIES[i % 3]?.own}/sessions/${query}`, ...sent, headers: { ...person.headers, ...sent.headers } })
    t.equal(response.statusCode, 204, `${name}: ${response.body}`)
    t.equal(await statusOf(world, person.headers), 401, name)
    t.same(await statuses(tokens), ends ? ENDED : ALIVE, name)
  }
  t.equal(await statusOf(world, bystander), 200, 'nobody else\'s')
  for (const { own, said } of FAMILIES) {
    const { person, tokens } = await holder()
    for (const [query, body] of [['', { tokens: 'perhaps' }], ['?tokens=perhaps', undefined], ['?tokens=perhaps', {}]] as const) {
      const refused = await ask('DELETE', `${own}/sessions/${query}`, body, person.headers)
      t.same([refused.statusCode, refused.json()], [400, said(['tokens', 'invalid', 'Must be a valid boolean.'])])
    }
    t.same(await statuses([person.headers, ...tokens]), [200, ...ALIVE], 'what was refused has ended nothing')
  }
})

t.test('A2 a new password ends API tokens when it is asked to, a reset one always', async (t) => {
  for (const [i, { changePassword }] of FAMILIES.entries()) {
    const { person, tokens } = await holder()
    const asking = i === 1 ? await signInToken(world, person) : person.headers
    const change = async (password: string, next: string, option: object) => (await ask(...changePassword(person.id), { password, new_password: next, ...option }, asking)).statusCode
    t.equal(await change('x', NEW, { end_tokens: true }), 400)
    t.equal(await change(PASSWORD, NEW, {}), 204)
    t.same(await statuses(tokens), ALIVE)
    t.equal(await change(NEW, PASSWORD, { end_tokens: false }), 204)
    t.same(await statuses(tokens), ALIVE)
    const other = await signInToken(world, person)
    t.equal(await change(PASSWORD, NEW, { end_tokens: true }), 204)
    t.same(await statuses([asking, other, ...tokens]), [200, 401, ...ENDED], 'the session that asks stays, and a sign-in\'s own token is one')
  }
  const resets: [ask: string, reset: string, body: (code: string) => object][] = [
    ['/api/password/recover/', '/api/password/reset/', (code) => ({ code, password: NEW })],
    ['/api/users/auth/pwd/recover/', '/api/users/auth/pwd/reset/', (code) => ({ code, password: NEW })],
    ['/api/v2/account/recover/', '/api/v2/account/reset/', (code) => ({ validation_code: code, password: NEW })],
    ['/api/password/recover/', '/reset-password', (code) => ({ code, password: NEW })],
  ]
  for (const [asked, reset, body] of resets) {
    const { person, tokens } = await holder()
    const email = `${person.username}@example.com`
    t.equal((await ask('POST', asked, { email })).statusCode < 300, true, asked)
    t.same(await statuses(tokens), ALIVE, 'asking ends nothing')
    const done = await ask('POST', reset, body(await world.codeTo(email)))
    t.equal(done.statusCode, 200, `${reset}: ${done.body}`)
    t.same(await statuses([person.headers, ...tokens]), [401, ...ENDED], reset)
  }
})

t.test('A2 what deactivation and deletion end stays ended when the account is back', async (t) => {
  const ways: [name: string, end: (id: number) => Promise<unknown>, back: (id: number) => Promise<unknown>][] = [
    ['deactivated by an admin', (id) => ask('PATCH', `/api/users/${id}/`, { is_active: false }, chief.headers), (id) => ask('PATCH', `/api/users/${id}/`, { is_active: true }, chief.headers)],
    ['deactivated by the operator', (id) => core.users.edit(OPERATOR, id, { isActive: false }, family), (id) => core.users.edit(OPERATOR, id, { isActive: true }, family)],
    ...['/api/users/:id/', '/api/v2/user/:id/', '/api/profile/:id/delete/'].map((path): typeof ways[number] => [
      `DELETE ${path}`,
      (id) => ask('DELETE', path.replace(':id', String(id)), undefined, chief.headers),
      (id) => ask('POST', `/api/users/${id}/restore/`, undefined, chief.headers),
    ]),
  ]
  for (const [name, end, back] of ways) {
    const { person, tokens } = await holder()
    const byAdmin = (await ask('POST', tokensOf(person.id), { name: 'by an admin', password: PASSWORD }, chief.headers)).json<{ token: string }>()
    const all = [person.headers, { authorization: `Token ${byAdmin.token}` }, ...tokens]
    await end(person.id)
    t.same(await statuses(all), [401, 401, ...ENDED], name)
    await back(person.id)
    t.equal((await core.users.get(person.id)).isActive, true)
    t.same(await statuses(all), [401, 401, ...ENDED], `${name}, and back`)
    t.equal((await core.keys.list(person.id)).every(({ revokedAt }) => revokedAt !== null), true, 'and is listed so')
    t.equal(await statusOf(world, await makeToken(world, { headers: await signInToken(world, person) })), 200, 'a new one counts')
  }
})
