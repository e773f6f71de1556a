import t from 'tap'
import { readdirSync } from 'node:fs'
import { createWorld } from '../contract/world.ts'
import { form, PASSWORD, signUp, tokenOf, urlencoded } from '../helper.ts'
import { picture } from '../images/pictures.ts'
import { setsIn } from '../images/sets.ts'

const world = await createWorld(t)
const { app, core, store, token, ada } = world
const staff = await tokenOf(world, await signUp(world, 'helper', { isStaff: true }))
const json = (payload: object) => ({ payload: JSON.stringify(payload), headers: { 'content-type': 'application/json' } })
const create = (body: { payload: string | Buffer, headers: object }, headers = token) =>
  app.inject({ method: 'POST', url: '/api/users/', payload: body.payload, headers: { ...body.headers, ...headers } })

t.test('POST / stores what is sent, in every encoding, picture and groups included', async (t) => {
  const fields: [string, string][] = [['email', 'x@example.com'], ['password', 'a long enough one'], ['first_name', 'Grace'], ['gender', 'female'], ['mobile_number', '5550199'], ['is_staff', 'true'], ['groups', '1'], ['groups', '3']]
  const bodies = {
    json: json({ username: 'by-json', ...Object.fromEntries(fields), email: 'json@example.com', is_staff: true, groups: [1, 3] }),
    urlencoded: urlencoded([['username', 'by-urlencoded'], ...fields.map(([name, value]): [string, string] => [name, name === 'email' ? 'urlencoded@example.com' : value])]),
    multipart: form([['avatar', { file: await picture() }], ['username', 'by-multipart'], ...fields]),
  }
  for (const [encoding, body] of Object.entries(bodies)) {
    const response = await create(body)
    t.equal(response.statusCode, 201, response.body)
    const { id } = response.json<{ id: number }>()
    t.match(store.row(id), { username: `by-${encoding}`, first_name: 'Grace', gender: 'female', phone: '5550199', is_staff: 1, is_admin: 0, is_active: 1, groups: [1, 3], version: 1 })
    t.match(response.json(), { username: `by-${encoding}`, groups_data: [{ id: 1 }, { id: 3 }], is_staff: true })
    t.match(response.headers.etag, /^"1-/)
    const signedIn = await app.inject({ method: 'POST', url: '/api/token/', payload: { username: `by-${encoding}`, password: 'a long enough one' } })
    t.equal(signedIn.statusCode, 200)
    if (encoding === 'multipart') t.ok(setsIn(`${world.dataDir}/media/avatars`).includes(`${String(store.row(id).avatar)}.webp`))
  }
})

t.test('POST / tells all that is wrong at once, and makes nobody', async (t) => {
  const before = store.dump()
  const files = readdirSync(`${world.dataDir}/media/avatars`)
  const none = await create(json({}))
  t.same(none.json(), { username: ['This field is required.'] })
  const bad = await create(form([['username', 'ada'], ['email', 'no address'], ['password', 'short'], ['groups', '77'], ['avatar', { file: Buffer.from('no picture') }]]))
  t.equal(bad.statusCode, 400)
  t.same(Object.keys(bad.json()), ['username', 'email', 'avatar', 'groups', 'password'])
  t.match(bad.json(), { username: ['A user with that username already exists.'], groups: ['Invalid pk "77" - object does not exist.'], password: ['Ensure this field has at least 8 characters.'] })
  t.strictSame(store.dump(), before)
  t.same(readdirSync(`${world.dataDir}/media/avatars`), files)
})

t.test('staff make ordinary people, and nobody of their own rank', async (t) => {
  const before = store.dump()
  for (const role of ['is_staff', 'is_admin']) {
    const response = await create(json({ username: 'climber', [role]: true }), staff)
    t.equal(response.statusCode, 403)
    t.same(response.json(), { detail: 'You do not have permission to perform this action.' })
  }
  t.equal((await create(json({ username: 'climber' }), ada.headers)).statusCode, 403)
  t.strictSame(store.dump(), before)
  const response = await create(json({ username: 'plain', is_staff: false, is_admin: false, reputation: 99, ext_id: 'x' }), staff)
  t.equal(response.statusCode, 201, response.body)
  t.match(store.row(response.json<{ id: number }>().id), { is_staff: 0, is_admin: 0, reputation: 0, ext_id: null })
})

t.test('me: for anybody, the keys of CONTRACT §3.4, no roles, and the update law', async (t) => {
  world.reset()
  const response = await app.inject({ url: '/api/users/me/', headers: ada.headers })
  t.same(Object.keys(response.json()), ['id', 'username', 'mobile_number', 'email', 'avatar', 'first_name', 'last_name', 'full_name', 'gender', 'groups', 'last_login', 'created_at', 'attributes'])
  t.match(response.json(), { id: ada.id, groups: [1, 2], full_name: 'Ada Lovelace' })
  const before = store.row(ada.id)
  for (const body of [json({ first_name: 'Augusta' }), urlencoded([['first_name', 'Augusta']]), form([['first_name', 'Augusta']])]) {
    world.reset()
    const changed = await app.inject({ method: 'PATCH', url: '/api/users/me/', payload: body.payload, headers: { ...body.headers, ...ada.headers, 'if-match': String(response.headers.etag) } })
    t.equal(changed.statusCode, 200, changed.body)
    const { first_name, version, updated_at, ...rest } = store.row(ada.id)
    t.match({ first_name, version }, { first_name: 'Augusta', version: Number(before.version) + 1 })
    const { first_name: _, version: __, updated_at: ___, ...same } = before
    t.strictSame(rest, same)
    t.ok(Number(updated_at) > Number(before.updated_at))
  }
  const late = await app.inject({ method: 'PATCH', url: '/api/users/me/', payload: { first_name: 'x' }, headers: { ...ada.headers, 'if-match': String(response.headers.etag) } })
  t.equal(late.statusCode, 412)
  t.equal(late.headers.etag, (await app.inject({ url: '/api/users/me/', headers: ada.headers })).headers.etag)
  t.same((await app.inject({ method: 'PUT', url: '/api/users/me/', payload: {}, headers: ada.headers })).json(), { username: ['This field is required.'] })
})

t.test('DELETE hides, an admin restores, and only an admin removes others for good', async (t) => {
  const { id } = (await create(json({ username: 'leaver', password: 'a long enough one' }))).json<{ id: number }>()
  const ask = (method: 'DELETE' | 'POST' | 'GET', rest: string, headers = token) => app.inject({ method, url: `/api/users/${id}/${rest}`, headers })
  t.equal((await ask('DELETE', '?hard=1', staff)).statusCode, 403)
  const hidden = await ask('DELETE', '', staff)
  t.equal(hidden.statusCode, 204)
  t.equal(hidden.body, '')
  t.type(store.row(id).deleted_at, 'number')
  t.equal((await ask('GET', '')).statusCode, 404)
  t.equal((await ask('DELETE', '')).statusCode, 404)
  t.equal((await ask('POST', 'restore/', staff)).statusCode, 403)
  const restored = await ask('POST', 'restore/')
  t.match(restored.json(), { id, username: 'leaver' })
  t.equal((await ask('POST', 'restore/')).statusCode, 404, 'nobody is hidden')
  await ask('DELETE', '')
  t.equal((await ask('DELETE', '?hard=1')).statusCode, 204)
  t.equal(await core.db.read.users.findDeleted(id), undefined)
})

t.test('an admin makes, lists and revokes the API tokens of others', async (t) => {
  const url = `/api/users/${ada.id}/tokens/`
  const inSession = world.admin.headers
  const made = await app.inject({ method: 'POST', url, headers: inSession, payload: { name: 'a script', expires_in: 3_600, password: PASSWORD } })
  t.equal(made.statusCode, 201, made.body)
  const { id, token: secret } = made.json<{ id: number, token: string }>()
  const works = async () => (await app.inject({ url: '/api/profile/', headers: { authorization: `Token ${secret}` } })).statusCode
  t.equal(await works(), 200)
  t.match((await app.inject({ url, headers: token })).json(), [{ id, name: 'a script', prefix: secret.slice(0, 6), revoked_at: null }])
  t.notOk((await app.inject({ url, headers: token })).body.includes(secret))
  t.same((await app.inject({ method: 'POST', url, headers: inSession, payload: { expires_in: 0, password: PASSWORD } })).json(), { name: ['This field is required.'], expires_in: ['Ensure this value is greater than or equal to 1.'] })
  store.sql.prepare('update keys set expires_at = ? where id = ?').run(Date.now(), id)
  t.equal(await works(), 401, 'it expires')
  store.sql.prepare('update keys set expires_at = null where id = ?').run(id)
  t.equal(await works(), 200)
  t.equal((await app.inject({ method: 'DELETE', url: `${url}${id}/`, headers: token })).statusCode, 204)
  t.equal(await works(), 401)
  t.equal((await app.inject({ method: 'DELETE', url: `${url}${id}/`, headers: token })).statusCode, 404)
})
