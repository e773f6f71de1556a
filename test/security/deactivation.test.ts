import t from 'tap'
import type { Test } from 'tap'
import { whole } from '../community/world.ts'
import { openStore } from '../contract/world.ts'
import { PASSWORD, signUp } from '../helper.ts'
import { claimsOf, mint } from '../hostile/tokens.ts'
import { AUDIENCE, claimsFor, ISSUER, newPair, openIssuer, tokenOf } from '../issuer/issuer.ts'
import { createWorld } from '../life/world.ts'
import type { Headers } from '../life/world.ts'
import { makeToken, signInToken } from './world.ts'

const jwtSecret = 'the secret of this test, and long enough'
const pair = newPair()
const { url: jwksUrl } = await openIssuer(t, pair)
const world = await createWorld(t, { jwtSecret, mintedTokens: true, jwksUrl, jwtIssuer: ISSUER, jwtAudience: AUDIENCE })
const { ask } = world
const store = openStore(t, world.dataDir)
const staff = await signUp(world, 'trusted', { isStaff: true })
const chief = await signUp(world, 'chief', { isAdmin: true })

/** What each family says of somebody who is inactive (CONTRACT §2.5, §3.1, §4), and of a token that does not count. */
const WORDS = [
  {
    me: '/api/profile/',
    inactive: { detail: 'User is inactive', code: 'user_inactive' },
    ended: { detail: 'Given token not valid for any token type', code: 'token_not_valid', messages: [{ token_class: 'AccessToken', token_type: 'access', message: 'Token is invalid or expired' }] },
    gone: { detail: 'User not found', code: 'user_not_found' },
  },
  { me: '/api/users/me/', inactive: { detail: 'User inactive or deleted.' }, ended: { detail: 'Invalid token.' }, gone: { detail: 'Invalid token.' } },
  { me: '/api/v2/user/me/', inactive: whole('authentication_failed', 'User inactive or deleted.'), ended: whole('authentication_failed', 'Invalid token.'), gone: whole('authentication_failed', 'Invalid token.') },
]

let born = 0
/** Somebody with one credential of each kind. */
async function holder (): Promise<{ id: number, refresh: string, credentials: Record<string, Headers> }> {
  const username = `holder-${born++}`
  const person = await signUp(world, username)
  store.set(person.id, { ext_id: username })
  const { sid: _, ...claims } = claimsOf(person.access)
  return {
    id: person.id,
    refresh: person.refresh,
    credentials: {
      JWT: person.headers,
      'sign-in token': await signInToken(world, person),
      'API token': await makeToken(world, person),
      minted: { authorization: `Bearer ${mint(claims, jwtSecret)}` },
      foreign: { authorization: `Bearer ${tokenOf(pair, claimsFor(username))}` },
    },
  }
}

async function expectAll (t: Test, credentials: Record<string, Headers>, said: 'inactive' | 'ended' | 'gone', when: string): Promise<void> {
  for (const [kind, headers] of Object.entries(credentials)) {
    for (const { me, ...words } of WORDS) {
      for (const method of ['GET', 'PATCH'] as const) {
        const response = await ask(method, me, method === 'GET' ? undefined : {}, headers)
        t.same([response.statusCode, response.json()], [401, words[said]], `${when}: ${method} ${me} with ${kind}`)
      }
    }
  }
}

const WAYS: Record<string, (id: number) => Promise<unknown>> = {
  'by staff': (id) => ask('PATCH', `/api/users/${id}/`, { is_active: false }, staff.headers),
  'by an admin': (id) => ask('PUT', `/api/users/${id}/`, { username: `holder-${born - 1}`, is_active: false }, chief.headers),
}

for (const [way, deactivate] of Object.entries(WAYS)) {
  t.test(`B3 whoever is deactivated ${way} is told so, though it ended what they show`, async (t) => {
    const { id, refresh, credentials } = await holder()
    for (const [kind, headers] of Object.entries(credentials)) for (const { me } of WORDS) t.equal((await ask('GET', me, undefined, headers)).statusCode, 200, `${me} with ${kind}`)
    await deactivate(id)
    await expectAll(t, credentials, 'inactive', way)
    t.same((await ask('POST', '/api/token/refresh/', { refresh })).json(), { detail: 'Token is invalid or expired', code: 'token_not_valid' })
    t.equal((await ask('POST', '/api/v2/jwt/verify_token/', { token: credentials.JWT?.authorization.slice(7) })).statusCode, 401)
    await ask('PATCH', `/api/users/${id}/`, { is_active: true }, chief.headers)
    await expectAll(t, credentials, 'ended', `${way}, and back`)
    t.equal((await ask('POST', '/api/token/', { username: `holder-${born - 1}`, password: PASSWORD })).statusCode, 200)
  })
}

t.test('B3 whoever was inactive before there was an end to it is told the same', async (t) => {
  const { id, credentials } = await holder()
  store.set(id, { is_active: 0 })
  await expectAll(t, credentials, 'inactive', 'nothing ended')
})

t.test('B3 whoever is deleted is nobody', async (t) => {
  const { id, credentials } = await holder()
  await ask('DELETE', `/api/users/${id}/`, undefined, chief.headers)
  await expectAll(t, credentials, 'gone', 'hidden')
  await ask('DELETE', `/api/users/${id}/?hard=1`, undefined, chief.headers)
  await expectAll(t, Object.fromEntries(Object.entries(credentials).filter(([kind]) => kind !== 'sign-in token' && kind !== 'API token')), 'gone', 'removed')
})
