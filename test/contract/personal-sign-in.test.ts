import t from 'tap'
import { ageSession, form, PASSWORD, urlencoded } from '../helper.ts'
import { json } from './cases.ts'
import type { Sent } from './cases.ts'
import { FAMILIES } from './families.ts'
import { createWorld } from './world.ts'

/*
 * The personal family's own answers (CONTRACT §4), and the rows of §1.2 and §1.3 that only its sign-up can show: `required`
 * and `min_length` of a password, "omitted on create", passwords that are not trimmed.
 */
const world = await createWorld(t)
const { app, store, ada, bob } = world
const post = async (path: string, { payload, headers }: Sent) => await app.inject({ method: 'POST', url: `/api/${path}/`, headers, payload })
const sessions = () => store.sql.prepare('select * from sessions').all()
const ENCODINGS: [string, (pairs: [string, string][]) => Sent][] = [['JSON', (pairs) => json(Object.fromEntries(pairs))], ['urlencoded', urlencoded], ['multipart', form]]
const keys = (value: object) => Object.keys(value)
const USER_KEYS = ['id', 'username', 'email', 'first_name', 'last_name', 'number_phone', 'avatar', 'date_joined', 'last_login', 'is_active', 'is_staff', 'is_superuser', 'attributes']

for (const [encoding, encode] of ENCODINGS) {
  await t.test(`sign-up, ${encoding}: omitted on create is the model's default, and the account is active`, async (t) => {
    const username = `new-${encoding}`
    const response = await post('sign-up', encode([['username', username], ['email', `${username}@example.com`], ['password', PASSWORD]]))
    t.equal(response.statusCode, 201)
    const { access, refresh, user } = response.json()
    t.same(keys(response.json()), ['refresh', 'access', 'user'])
    t.same(keys(user), USER_KEYS)
    const row = store.row(user.id)
    t.match(row, { is_active: 1, is_staff: 0, is_admin: 0, gender: 'unspecified', phone: null, first_name: '', avatar: null, version: 1, email_confirmed: 0, groups: [] })
    t.same(user, FAMILIES.personal.view(row, new Map()))
    t.type(row.last_login_at, 'number')
    t.match(row.password_hash, /^\$argon2id\$/)
    t.equal((await app.inject({ method: 'GET', url: '/api/profile/', headers: { authorization: `Bearer ${access}` } })).statusCode, 200)
    t.equal((await post('token/refresh', encode([['refresh', refresh]]))).statusCode, 200)
  })

  await t.test(`sign-up, ${encoding}: required, all at once`, async (t) => {
    const before = store.dump()
    const response = await post('sign-up', encode([['first_name', 'x']]))
    t.equal(response.statusCode, 400)
    t.equal(response.body, JSON.stringify(Object.fromEntries(['password', 'username', 'email'].map((name) => [name, ['This field is required.']]))))
    t.strictSame(store.dump(), before)
  })

  await t.test(`sign-up, ${encoding}: field errors, all at once, in order`, async (t) => {
    const before = store.dump()
    const response = await post('sign-up', encode([['password', 'short'], ['email', 'x'], ['username', 'ADA'], ['number_phone', '12345678901']]))
    t.equal(response.statusCode, 400)
    t.equal(response.body, JSON.stringify({
      password: ['Ensure this field has at least 8 characters.'],
      username: ['A user with that username already exists.'],
      email: ['Enter a valid email address.'],
      number_phone: ['Ensure this field has no more than 10 characters.'],
    }))
    t.strictSame(store.dump(), before)
  })

  await t.test(`sign-up, ${encoding}: none of the holes of §5 row 18`, async (t) => {
    const roles: [string, string][] = [['is_superuser', 'true'], ['is_staff', 'true'], ['is_active', 'false'], ['is_admin', 'true'], ['id', '1'], ['date_joined', '2001-01-01T00:00:00Z'], ['last_login', ''], ['groups', '1']]
    const username = `hole-${encoding}`
    const response = await post('sign-up', encode([['username', username], ['email', `${username}@example.com`], ['password', PASSWORD], ...roles]))
    t.equal(response.statusCode, 201)
    t.match(store.row(response.json().user.id), { username, is_staff: 0, is_admin: 0, is_active: 1, groups: [] })
    t.notMatch(response.body, /password|argon2/)
  })

  await t.test(`update, ${encoding}: none of the holes of §5 row 18`, async (t) => {
    world.reset()
    const before = store.row(ada.id)
    const { payload, headers } = encode([
      ['is_superuser', 'true'], ['is_staff', 'true'], ['is_active', 'false'], ['password', 'another one!'], ['date_joined', '2001-01-01T00:00:00Z'],
      ['last_login', '2001-01-01T00:00:00Z'], ['groups', '3'], ['user_permissions', '1'], ['id', '2'], ['avatars', 'x'],
    ])
    const response = await app.inject({ ...FAMILIES.personal.edit(ada.id), headers: { ...ada.headers, ...headers }, payload })
    t.equal(response.statusCode, 200)
    t.same(keys(response.json()), USER_KEYS)
    t.strictSame(store.row(ada.id), before)
  })

  await t.test(`sign-in, ${encoding}`, async (t) => {
    const response = await post('sign-in', encode([['email', 'ADA@example.com'], ['password', PASSWORD]]))
    t.equal(response.statusCode, 200)
    t.same(keys(response.json()), ['refresh', 'access', 'user'])
    t.same(response.json().user, FAMILIES.personal.view(store.row(ada.id), new Map()))
    t.ok(Date.now() - Number(store.row(ada.id).last_login_at) < 60_000, 'last_login is set')
  })

  await t.test(`sign-in, ${encoding}: the wrong password, or nobody's address`, async (t) => {
    const [before, open] = [store.dump(), sessions()]
    for (const email of ['ada@example.com', 'nobody@example.com', 'x']) {
      const response = await post('sign-in', encode([['email', email], ['password', 'wrong wrong wrong']]))
      t.equal(response.statusCode, 400)
      t.same(response.json(), { error: 'Invalid password' })
    }
    const missing = await post('sign-in', encode([]))
    t.equal(missing.statusCode, 400)
    t.same(missing.json(), { email: ['This field is required.'], password: ['This field is required.'] })
    t.strictSame(store.dump(), before)
    t.strictSame(sessions(), open)
  })

  await t.test(`token, ${encoding}`, async (t) => {
    const response = await post('token', encode([['username', 'Ada'], ['password', PASSWORD]]))
    t.equal(response.statusCode, 200)
    t.same(keys(response.json()).sort(), ['access', 'refresh'])
    const [before, open] = [store.dump(), sessions()]
    for (const username of ['ada', 'nobody']) {
      const refused = await post('token', encode([['username', username], ['password', 'wrong wrong wrong']]))
      t.equal(refused.statusCode, 401)
      t.same(refused.json(), { detail: 'No active account found with the given credentials' })
      t.equal(refused.headers['www-authenticate'], 'Bearer realm="api"')
    }
    const missing = await post('token', encode([['password', 'x']]))
    t.equal(missing.statusCode, 400)
    t.same(missing.json(), { username: ['This field is required.'] })
    t.strictSame(store.dump(), before)
    t.strictSame(sessions(), open)
  })

  await t.test(`refresh, ${encoding}: rotates, and a spent token ends the session`, async (t) => {
    const first = (await post('token', encode([['username', 'bob'], ['password', PASSWORD]]))).json()
    const second = await post('token/refresh', encode([['refresh', first.refresh]]))
    t.equal(second.statusCode, 200)
    t.same(keys(second.json()), ['access', 'refresh'], 'B4 the access token first')
    t.not(second.json().refresh, first.refresh)
    const read = async (access: string) => (await app.inject({ method: 'GET', url: '/api/profile/', headers: { authorization: `Bearer ${access}` } })).statusCode
    t.equal(await read(second.json().access), 200)
    await ageSession(world, second.json().access, 31)
    const spent = await post('token/refresh', encode([['refresh', first.refresh]]))
    t.equal(spent.statusCode, 401)
    t.same(spent.json(), { detail: 'Token is invalid or expired', code: 'token_not_valid' })
    t.equal(await read(second.json().access), 401)
  })

  await t.test(`refresh, ${encoding}: errors`, async (t) => {
    const [before, open] = [store.dump(), sessions()]
    for (const [refresh, detail] of [['abc', 'Token is invalid or expired'], [ada.access, 'Token has wrong type']] as const) {
      const response = await post('token/refresh', encode([['refresh', refresh]]))
      t.equal(response.statusCode, 401)
      t.same(response.json(), { detail, code: 'token_not_valid' })
    }
    const missing = await post('token/refresh', encode([]))
    t.equal(missing.statusCode, 400)
    t.same(missing.json(), { refresh: ['This field is required.'] })
    t.strictSame(store.dump(), before)
    t.strictSame(sessions(), open)
  })
}

await t.test('bad JSON is 400, not 500, on the paths that need no credentials', async (t) => {
  for (const path of ['sign-up', 'sign-in', 'token', 'token/refresh']) {
    const response = await post(path, { payload: '{', headers: { 'content-type': 'application/json' } })
    t.equal(response.statusCode, 400)
    t.match(response.json(), { detail: /^JSON parse error - / })
    t.same((await post(path, json(['x']))).json(), { non_field_errors: ['Invalid data. Expected a dictionary, but got list.'] })
  }
})

await t.test('a password is not trimmed', async (t) => {
  const password = '  spaces around  '
  const username = 'spacious'
  t.equal((await post('sign-up', json({ username, email: 'spacious@example.com', password }))).statusCode, 201)
  t.equal((await post('token', json({ username, password }))).statusCode, 200)
  t.equal((await post('token', urlencoded([['username', username], ['password', password]]))).statusCode, 200)
  t.equal((await post('sign-in', form([['email', 'spacious@example.com'], ['password', password]]))).statusCode, 200)
  t.equal((await post('token', json({ username, password: password.trim() }))).statusCode, 401)
})

await t.test('a password of 128 is taken whole, one of 129 is refused', async (t) => {
  const password = `${'long enough '.repeat(10)}12345678`
  const created = await post('sign-up', json({ username: 'longest', email: 'longest@example.com', password }))
  t.equal(created.statusCode, 201)
  t.equal((await post('token', json({ username: 'longest', password: password.slice(0, -1) }))).statusCode, 401)
  const before = store.dump()
  const refused = await post('sign-up', json({ username: 'longer', email: 'longer@example.com', password: `${password}9` }))
  t.equal(refused.statusCode, 400)
  t.same(refused.json(), { password: ['Ensure this field has no more than 128 characters.'] })
  t.strictSame(store.dump(), before)
})

await t.test('an inactive person gets no tokens', async (t) => {
  store.set(bob.id, { is_active: 0 })
  const open = sessions()
  const signIn = await post('sign-in', json({ email: 'bob@example.com', password: PASSWORD }))
  t.equal(signIn.statusCode, 400)
  t.same(signIn.json(), { error: 'Invalid password' })
  const token = await post('token', json({ username: 'bob', password: PASSWORD }))
  t.equal(token.statusCode, 401)
  t.same(token.json(), { detail: 'No active account found with the given credentials' })
  t.strictSame(sessions(), open)
  store.set(bob.id, { is_active: 1 })
})

await t.test("somebody else's id is refused, to staff as well, and nobody is deleted", async (t) => {
  const before = store.dump()
  for (const headers of [bob.headers, world.admin.headers]) {
    const response = await app.inject({ ...FAMILIES.personal.edit(ada.id), headers, payload: { first_name: 'x' } })
    t.equal(response.statusCode, 403)
    t.same(response.json(), { error: 'Not authorized' })
  }
  const response = await app.inject({ method: 'DELETE', url: `/api/profile/${ada.id}/delete/`, headers: { ...bob.headers, 'content-type': 'application/json' }, payload: '1' })
  t.equal(response.statusCode, 403)
  t.same(response.json(), { error: 'Not authorized' })
  t.strictSame(store.dump(), before)
})
