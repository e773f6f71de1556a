import t from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import { PASSWORD } from '../helper.ts'
import { claimsOf, hostile, mint } from '../hostile/tokens.ts'
import { ORACLE } from './oracle.ts'
import { generated } from '../volume.ts'
import { createWorld } from './world.ts'
import type { World } from './world.ts'

const jwtSecret = 'the secret of this test, and long enough'
/** Every route where a credential that is sent has to be a good one. */
const GUARDED = Object.entries(ORACLE).filter(([, rule]) => rule !== 'open').map(([name]) => name.split(' ') as ['GET', string])
const KINDS = ['session', 'sign-in token', 'API token', 'minted'] as const
type Kind = typeof KINDS[number]

interface Person { id: number, username: string, email: string, sid: number, keyId: number, credentials: Record<Kind, string> }

let born = 0

/** Somebody who is an admin, so that every route lets them through, with one credential of each kind. */
async function make ({ app, core }: World): Promise<Person> {
  const username = `holder-${born++}`
  const email = `${username}@example.com`
  const post = async (url: string, payload: object) => (await app.inject({ method: 'POST', url, payload })).json<Record<string, string>>()
  const { access = '' } = await post('/api/sign-up/', { username, email, password: PASSWORD })
  const id = (await core.users.findByUsername(username))?.id ?? 0
  await core.users.edit(OPERATOR, id, { isAdmin: true }, { family: 'operator' })
  const { token = '' } = await post('/api/users/auth/pwd/signin/', { username, password: PASSWORD })
  const { key, secret } = await core.keys.create(id)
  const { sid, ...claims } = claimsOf(access)
  return { id, username, email, sid: Number(sid), keyId: key.id, credentials: { session: access, 'sign-in token': token, 'API token': secret, minted: mint(claims, jwtSecret) } }
}

const ask = ({ app }: World, [method, path]: ['GET', string], id: number, authorization: string) =>
  app.inject({ method, url: path.replace(':id', String(id)).replace(/:\w+_id/, '999999').replace(':key', 'company_name'), headers: { authorization }, ...['POST', 'PUT', 'PATCH'].includes(method) && { payload: {} } })

let turn = 0
/** A part of the suite asks every third route, the next time the others. */
const APART = generated(1, 3)

/** The routes that do not answer 401 to this credential. */
async function accepting (world: World, id: number, token: string): Promise<string[]> {
  const found: string[] = []
  turn++
  for (const route of GUARDED.filter((_, i) => (i + turn) % APART === 0)) {
    const { statusCode } = await ask(world, route, id, `Bearer ${token}`)
    if (statusCode !== 401) found.push(`${route.join(' ')}: ${statusCode}`)
  }
  return found
}

const works = async (world: World, token: string) => (await ask(world, ['GET', '/api/profile/'], 0, `Bearer ${token}`)).statusCode

const ALL: readonly Kind[] = KINDS
const SESSIONS: readonly Kind[] = ['session', 'sign-in token', 'minted']

/** What ends which credentials (DESIGN §7, SECURITY §3 A2); API tokens outlive a password, and the end of sessions, unless it is asked for. */
const ENDINGS: Record<string, { ends: readonly Kind[], by: (world: World, person: Person) => Promise<unknown> }> = {
  'a new password': {
    ends: ['sign-in token', 'minted'],
    by: ({ app }, { credentials }) => app.inject({ method: 'POST', url: '/api/password/change/', headers: { authorization: `Bearer ${credentials.session}` }, payload: { password: PASSWORD, new_password: 'a whole new secret' } }),
  },
  'a new password that ends API tokens': {
    ends: ['sign-in token', 'minted', 'API token'],
    by: ({ app }, { credentials }) => app.inject({ method: 'POST', url: '/api/users/auth/pwd/change/', headers: { authorization: `Bearer ${credentials.session}` }, payload: { password: PASSWORD, new_password: 'a whole new secret', end_tokens: true } }),
  },
  'a reset password': {
    ends: ALL,
    async by ({ app, core }, { id, email }) {
      const code = await core.db.write((tx) => core.codes.issue(tx, { userId: id, purpose: 'reset_password', email }))
      return await app.inject({ method: 'POST', url: '/api/password/reset/', payload: { code, password: 'a whole new secret' } })
    },
  },
  'signing out': { ends: ['session'], by: ({ app }, { credentials }) => app.inject({ method: 'POST', url: '/api/profile/sign-out/', headers: { authorization: `Bearer ${credentials.session}` } }) },
  'a session that is revoked': { ends: ['session'], by: ({ app }, { sid, credentials }) => app.inject({ method: 'DELETE', url: `/api/v2/user/me/sessions/${sid}/`, headers: { authorization: `Token ${credentials['API token']}` } }) },
  'all sessions revoked': { ends: SESSIONS, by: ({ app }, { credentials }) => app.inject({ method: 'DELETE', url: '/api/users/me/sessions/', headers: { authorization: `Token ${credentials['API token']}` } }) },
  'all sessions and API tokens revoked': { ends: ALL, by: ({ app }, { credentials }) => app.inject({ method: 'DELETE', url: '/api/profile/sessions/', headers: { authorization: `Bearer ${credentials.session}` }, payload: { tokens: true } }) },
  'an API token that is revoked': { ends: ['API token'], by: ({ app }, { keyId, credentials }) => app.inject({ method: 'DELETE', url: `/api/profile/tokens/${keyId}/`, headers: { authorization: `Bearer ${credentials.session}` } }) },
  deactivation: { ends: ALL, by: ({ core }, { id }) => core.users.edit(OPERATOR, id, { isActive: false }, { family: 'operator' }) },
  'being hidden': { ends: ALL, by: ({ core }, { id }) => core.deletion.hide(OPERATOR, id, () => {}, { family: 'operator' }) },
  'being removed': { ends: ALL, by: ({ core }, { id }) => core.deletion.remove(OPERATOR, id, () => {}, { family: 'operator' }) },
}

t.test('what was ended is refused on the next request, on every route; the rest goes on', async (t) => {
  const world = await createWorld(t, { jwtSecret, mintedTokens: true })
  await world.make('admin')
  for (const [name, { ends, by }] of Object.entries(ENDINGS)) {
    const person = await make(world)
    for (const kind of KINDS) t.equal(await works(world, person.credentials[kind]), 200, `${kind} before ${name}`)
    await by(world, person)
    for (const kind of KINDS) {
      if (ends.includes(kind)) t.same(await accepting(world, person.id, person.credentials[kind]), [], `${kind} after ${name}`)
      else t.equal(await works(world, person.credentials[kind]), 200, `${kind} after ${name}`)
    }
  }
})

t.test('a role that was taken away is gone on the next request', async (t) => {
  const world = await createWorld(t, { jwtSecret, mintedTokens: true })
  await world.make('admin')
  const person = await make(world)
  const admins = Object.entries(ORACLE).filter(([, rule]) => rule === 'admin' || rule === 'admin, anybody' || rule === 'admin, hidden').map(([name]) => name.split(' ') as ['GET', string])
  await world.core.users.edit(OPERATOR, person.id, { isAdmin: false }, { family: 'operator' })
  for (const kind of KINDS) for (const route of admins) t.equal((await ask(world, route, person.id, `Token ${person.credentials[kind]}`)).statusCode, 403, `${kind} ${route.join(' ')}`)
})

t.test('hostile tokens are 401 on every route', async (t) => {
  const world = await createWorld(t, { jwtSecret, mintedTokens: true })
  const [ada, bob] = [await make(world), await make(world)]
  const { app } = world
  const pair = (await app.inject({ method: 'POST', url: '/api/token/', payload: { username: ada.username, password: PASSWORD } })).json<{ access: string, refresh: string }>()
  const tokens = hostile({ payload: claimsOf(pair.access), refresh: claimsOf(pair.refresh), secret: jwtSecret, otherSid: bob.sid })
  const before = world.state()
  for (const [name, token] of Object.entries(tokens)) {
    t.same(await accepting(world, ada.id, token), [], name)
  }
  t.equal(world.state(), before)
})

t.test('either keyword carries either credential; a header that is not one is 401', async (t) => {
  const world = await createWorld(t, { jwtSecret, mintedTokens: true })
  const { credentials } = await make(world)
  for (const path of ['/api/profile/', '/api/v2/user/me/', '/api/users/me/']) {
    for (const kind of KINDS) {
      for (const keyword of ['Bearer', 'Token', 'bearer', 'TOKEN']) t.equal((await ask(world, ['GET', path], 0, `${keyword} ${credentials[kind]}`)).statusCode, 200, `${keyword} ${kind} ${path}`)
    }
    for (const header of ['Bearer', 'Token ', `Bearer ${credentials.session} x`, `Basic ${credentials.session}`, credentials.session, '']) t.equal((await ask(world, ['GET', path], 0, header)).statusCode, 401, header)
  }
})
