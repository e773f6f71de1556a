import t from 'tap'
import type { Test } from 'tap'
import type { Options } from '../../src/app.ts'
import { OPERATOR } from '../../src/core/access.ts'
import { build, signUp } from '../helper.ts'
import { AUDIENCE, ISSUER, claimsFor, newPair, nowS, openIssuer, tokenOf } from './issuer.ts'
import type { Json } from './issuer.ts'

const pair = newPair()

async function open (t: Test, options: Options = {}) {
  const issuer = await openIssuer(t, pair)
  const built = await build(t, { jwksUrl: issuer.url, jwtIssuer: ISSUER, jwtAudience: AUDIENCE, ...options })
  const as = (sub: string, claims: Json = {}) => ({ authorization: `Bearer ${tokenOf(pair, claimsFor(sub, claims))}` })
  const profile = (sub: string, claims: Json = {}) => built.app.inject({ url: '/api/profile/', headers: as(sub, claims) })
  const row = async (sub: string) => await built.core.db.read.users.findByExtId(sub)
  return { ...built, built, issuer, as, profile, row }
}

const UNKNOWN = { detail: 'User not found', code: 'user_not_found' }
const INVALID = { code: 'token_not_valid' }

t.test('a subject that is known is that account, with its rights and no more', async (t) => {
  const { built, app, core, as, profile } = await open(t)
  const ada = await signUp(built, 'ada')
  t.same((await profile('s-1')).json(), UNKNOWN)
  await core.users.edit(OPERATOR, ada.id, { extId: 's-1' }, { family: 'operator' })
  for (const url of ['/api/v2/user/me/', '/api/users/me/', '/api/profile/']) t.match((await app.inject({ url, headers: as('s-1') })).json(), { username: 'ada' }, url)

  const asAdmin = as('s-1', { is_admin: true, is_staff: true, roles: ['admin'], scope: 'admin', user_id: 1 })
  t.equal((await app.inject({ url: '/api/users/groups/', headers: asAdmin })).statusCode, 403)
  await core.users.edit(OPERATOR, ada.id, { isStaff: true }, { family: 'operator' })
  t.equal((await app.inject({ url: '/api/users/groups/', headers: asAdmin })).statusCode, 200, 'a role counts at once')
  const update = await app.inject({ method: 'PUT', url: `/api/profile/${ada.id}/update/`, headers: as('s-1'), payload: { first_name: 'Ada' } })
  t.match(update.json(), { first_name: 'Ada' })
  t.equal((await core.db.read.changes.list(ada.id)).at(-1)?.actorId, ada.id)
})

t.test('deactivation, revocation and deletion count on the next request', async (t) => {
  const { built, core, profile } = await open(t, { jwtProvision: true })
  const ada = await signUp(built, 'ada')
  await core.users.edit(OPERATOR, ada.id, { extId: 's-1' }, { family: 'operator' })
  t.equal((await profile('s-1')).statusCode, 200)

  await core.users.edit(OPERATOR, ada.id, { isActive: false }, { family: 'operator' })
  t.same((await profile('s-1')).json(), { detail: 'User is inactive', code: 'user_inactive' })
  await core.users.edit(OPERATOR, ada.id, { isActive: true }, { family: 'operator' })
  t.match((await profile('s-1')).json(), INVALID, 'what was issued before stays ended')

  const signedOutAt = nowS() - 60
  await core.db.write((tx) => tx.users.update(ada.id, { revokedAt: signedOutAt * 1_000 }))
  t.match((await profile('s-1', { iat: signedOutAt })).json(), INVALID)
  t.match((await profile('s-1', { iat: undefined })).json(), INVALID, 'it may be older')
  t.equal((await profile('s-1', { iat: signedOutAt + 5 })).statusCode, 401, 'its clock may be ahead')
  t.equal((await profile('s-1', { iat: signedOutAt + 6 })).statusCode, 200)

  await core.deletion.hide(OPERATOR, ada.id, () => undefined, { family: 'operator' })
  t.same((await profile('s-1', { iat: nowS() + 2 })).json(), UNKNOWN, 'and is not made anew')
  t.equal(await core.db.read.users.findByExtId('s-1'), undefined)
})

t.test('a subject that is not known gets an account at first sight', async (t) => {
  const { core, profile, row } = await open(t, { jwtProvision: true, signUp: false })
  await core.users.create(OPERATOR, { username: 'ada', email: 'ada@example.com' }, { family: 'operator' })
  const cases: [name: string, claims: Json, username: RegExp, email: string | null][] = [
    ['with nothing', {}, /^user-[0-9a-f]{8}$/, null],
    ['with a name and a confirmed address', { preferred_username: 'grace', email: 'grace@example.com', email_verified: true }, /^grace$/, 'grace@example.com'],
    ['with a name in use', { preferred_username: 'ADA' }, /^ADA-[0-9a-f]{8}$/, null],
    ['with a name that is none', { preferred_username: 'Ada Lovelace' }, /^user-[0-9a-f]{8}$/, null],
    ['with a name that is no text', { preferred_username: { a: 1 } }, /^user-[0-9a-f]{8}$/, null],
    ['with the longest name', { preferred_username: 'x'.repeat(255) }, /^x{255}$/, null],
    ['with the longest name, in use by now', { preferred_username: 'x'.repeat(255) }, /^x{246}-[0-9a-f]{8}$/, null],
    ['with a name that is too long', { preferred_username: 'x'.repeat(256) }, /^user-[0-9a-f]{8}$/, null],
    ['with an address for a name', { preferred_username: 'linus@example.com' }, /^linus$/, null],
    ['with an address that nobody confirmed', { email: 'eve@example.com' }, /^user-/, null],
    ['with an address that is confirmed in words', { email: 'eve@example.com', email_verified: 'true' }, /^user-/, null],
    ['with an address in use', { email: 'ADA@example.com', email_verified: true }, /^user-/, null],
    ['with an address that is none', { email: 'eve@', email_verified: true }, /^user-/, null],
  ]
  for (const [name, claims, username, email] of cases) {
    const response = await profile(name, claims)
    t.equal(response.statusCode, 200, name)
    const made = await row(name)
    t.match(made, { extId: name, username, passwordHash: null, isStaff: false, isAdmin: false, isActive: true, emailConfirmed: email !== null }, name)
    t.equal(made?.email, email, name)
    const [change, ...others] = await core.db.read.changes.list(made?.id ?? 0)
    t.match(change, { family: 'issuer', actorId: null, version: 1 })
    t.same(others, [])
    await profile(name, { preferred_username: 'renamed', email: 'later@example.com', email_verified: true })
    t.equal((await row(name))?.username, made?.username, `${name}: only the first time`)
  }
  t.equal((await core.users.findByUsername('ada'))?.extId, null, 'nobody got an account by its address')
})

t.test('A6 a reserved name is not given to a subject that prefers it', async (t) => {
  const { profile, row } = await open(t, { jwtProvision: true, reservedUsernames: ['ceo'] })
  const names = ['admin', 'ROOT', 'me', '.', '..', '007', '1e3', '+1', 'Infinity', 'NaN', '0123456789ABCDEF'.repeat(2), 'CEO', 'postmaster@example.com', 'ceo@example.com']
  for (const preferred_username of names) {
    t.equal((await profile(preferred_username, { preferred_username })).statusCode, 200, preferred_username)
    t.match(await row(preferred_username), { username: /^user-[0-9a-f]{8}$/ }, preferred_username)
  }
})

t.test('twenty first requests at once make one account', async (t) => {
  const { core, profile, row } = await open(t, { jwtProvision: true })
  const claims = { preferred_username: 'grace', email: 'grace@example.com', email_verified: true }
  const responses = await Promise.all(Array.from({ length: 20 }, () => profile('s-1', claims)))
  t.same(new Set(responses.map(({ statusCode }) => statusCode)), new Set([200]))
  t.same(new Set(responses.map((response) => response.json<{ username: string }>().username)), new Set(['grace']))
  const { id = 0 } = await row('s-1') ?? {}
  t.equal((await core.db.read.changes.list(id)).length, 1)
  t.equal(await core.db.read.users.find(id + 1), undefined)

  const others = await Promise.all(Array.from({ length: 20 }, (_, i) => profile(`s-2-${i}`, claims)))
  t.equal(new Set(others.map((response) => response.json<{ username: string }>().username)).size, 20, 'and of one wish for a name as many names')
})

t.test('while there are no keys every family says so, and the tokens of this service count', async (t) => {
  const { built, app, issuer, as, profile } = await open(t)
  await issuer.goDown()
  const ada = await signUp(built, 'ada')
  for (const url of ['/api/v2/user/me/', '/api/users/me/', '/api/profile/']) {
    t.match(await app.inject({ url, headers: as('s-1') }), { statusCode: 503, headers: { 'retry-after': /^[1-9]\d*$/ } }, url)
    t.equal((await app.inject({ url, headers: ada.headers })).statusCode, 200, url)
  }
  t.equal((await profile('s-1', { iss: 'https://elsewhere.example' })).statusCode, 401)
})
