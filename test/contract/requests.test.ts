import t from 'tap'
import { form, PASSWORD, signUp, urlencoded } from '../helper.ts'
import { accepts, json, refuses, send } from './cases.ts'
import type { Sent } from './cases.ts'
import { FAMILIES, NAMES, problem } from './families.ts'
import type { FamilyName, Method } from './families.ts'
import { createWorld } from './world.ts'

/*
 * CONTRACT §1, rules 1–7, 9 and 10. Rule 8 is order.test.ts, rule 13 is cors.test.ts.
 */
const TEXT: Record<FamilyName, string> = { community: 'real_name', staff: 'first_name', personal: 'first_name' }
const world = await createWorld(t)
const { app, store, ada } = world
const empty = (type: string): Sent => ({ payload: '', headers: { 'content-type': type, 'content-length': '0' } })

for (const family of NAMES) {
  await t.test(`${family}: rule 1, an empty body with Content-Type: application/json means no data`, async (t) => {
    await accepts(t, world, { family, sent: empty('application/json'), stored: {} })
  })

  await t.test(`${family}: rule 2, an empty urlencoded body is 200, unchanged; so is an empty form, and no body at all`, async (t) => {
    await accepts(t, world, { family, sent: empty('application/x-www-form-urlencoded'), stored: {} })
    await accepts(t, world, { family, sent: empty('multipart/form-data; boundary=x'), stored: {} })
    await accepts(t, world, { family, sent: { payload: '', headers: {} }, stored: {} })
  })

  await t.test(`${family}: rule 3, a DELETE with a JSON body is answered without reading it`, async (t) => {
    const isServed = FAMILIES[family].allow.includes('DELETE')
    for (const [i, payload] of ['1', '{"avatar_id":5}', '{'].entries()) {
      if (isServed) {
        const leaver = await signUp(world, `leaver-${family}-${i}`)
        const headers = { ...family === 'staff' ? world.token : leaver.headers, 'content-type': 'application/json' }
        const response = await app.inject({ method: 'DELETE', url: FAMILIES[family].edit(leaver.id).url, headers, payload })
        t.equal(response.statusCode, 204)
        t.equal(response.body, '')
        t.not(store.row(leaver.id).deleted_at, null)
        continue
      }
      const before = store.dump()
      const response = await send(world, { family, method: 'DELETE', sent: { payload, headers: { 'content-type': 'application/json' } } })
      t.equal(response.statusCode, 405)
      t.same(response.json(), problem(family, 'method_not_allowed', 'Method "DELETE" not allowed.'))
      t.equal(response.headers.allow, FAMILIES[family].allow)
      t.strictSame(store.dump(), before)
    }
  })

  await t.test(`${family}: rule 5, all three content types`, async (t) => {
    for (const [i, sent] of [json({ [TEXT[family]]: 'new 0' }), urlencoded([[TEXT[family], 'new 1']]), form([[TEXT[family], 'new 2']])].entries()) {
      await accepts(t, world, { family, sent, stored: { [TEXT[family]]: `new ${i}` } })
    }
  })

  await t.test(`${family}: rule 5, a body without Content-Type`, async (t) => {
    await refuses(t, world, { family, sent: { payload: Buffer.from('{"username":"x"}'), headers: {} }, status: 415, body: problem(family, 'unsupported_media_type', 'Unsupported media type "" in request.') })
  })

  await t.test(`${family}: rule 6, a charset behind the type`, async (t) => {
    const value = JSON.stringify({ [TEXT[family]]: 'Ünï' })
    for (const type of ['application/json; charset=utf-8', 'application/json;charset=UTF-8', 'Application/JSON']) {
      world.reset()
      await accepts(t, world, { family, sent: { payload: value, headers: { 'content-type': type } }, stored: { [TEXT[family]]: 'Ünï' } })
    }
    world.reset()
    await accepts(t, world, { family, sent: { payload: `${TEXT[family]}=%C3%9Cn%C3%AF+x`, headers: { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' } }, stored: { [TEXT[family]]: 'Ünï x' } })
  })

  await t.test(`${family}: rule 9, unknown and read-only keys are ignored`, async (t) => {
    const foreign = { user: 1, id: 999, nothing: { at: ['all'] }, date_joined: 'x', created_at: 5, updated_at: 5, is_online: false, full_name: 'x', groups_data: 5, deleted: true, password: 'x', version: 99 }
    const own = family === 'staff' ? {} : { is_staff: 'x', is_active: false, groups: 5, reputation: 5, ext_id: 5, followers_counter: -1 }
    world.reset()
    await accepts(t, world, { family, sent: json({ ...foreign, ...own, [TEXT[family]]: 'new' }), stored: { [TEXT[family]]: 'new' } })
    for (const encode of [urlencoded, form]) {
      world.reset()
      await accepts(t, world, { family, sent: encode([...Object.keys({ ...foreign, ...own }).map((name) => [name, 'x'] as [string, string]), [TEXT[family], 'new']]), stored: { [TEXT[family]]: 'new' } })
    }
  })

  await t.test(`${family}: rule 10, UTF-8 is not escaped, and Allow is on 405 and OPTIONS only`, async (t) => {
    world.reset()
    const response = await accepts(t, world, { family, sent: json({ [TEXT[family]]: 'Ада 😀 é' }), stored: { [TEXT[family]]: 'Ада 😀 é' } })
    t.match(response.rawPayload.toString('utf8'), 'Ада 😀 é')
  })
}

await t.test('community and staff: rules 1 and 2 for PUT, where the username is missing then', async (t) => {
  for (const family of ['community', 'staff'] as const) {
    for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
      const response = await send(world, { family, method: 'PUT', sent: empty(type) })
      t.equal(response.statusCode, 400)
      t.match(response.body, 'This field is required.')
    }
  }
})

await t.test('personal: rule 4, POST /api/profile/ takes any JSON, a bare number too', async (t) => {
  for (const payload of ['1', '"x"', 'null', '[]', '{}', '{"username":"x"}', '']) {
    const before = store.dump()
    const response = await app.inject({ method: 'POST', url: '/api/profile/', headers: { ...ada.headers, 'content-type': 'application/json' }, payload })
    t.equal(response.statusCode, 200, payload)
    t.same(response.json(), FAMILIES.personal.view(store.row(ada.id), new Map()))
    t.strictSame(store.dump(), before)
  }
})

await t.test('personal and staff: rule 5, all three content types on the paths that create', async (t) => {
  const encodings = { json: (pairs: [string, string][]) => json(Object.fromEntries(pairs)), urlencoded, form }
  for (const [encoding, encode] of Object.entries(encodings)) {
    const name = `by-${encoding}`
    const post = async (url: string, pairs: [string, string][], headers = {}) => {
      const { payload, headers: type } = encode(pairs)
      return await app.inject({ method: 'POST', url, headers: { ...headers, ...type }, payload })
    }
    const up = await post('/api/sign-up/', [['username', name], ['email', `${name}@example.com`], ['password', PASSWORD]])
    t.equal(up.statusCode, 201, up.body)
    t.equal((await post('/api/sign-in/', [['email', `${name}@example.com`], ['password', PASSWORD]])).statusCode, 200)
    const tokens = await post('/api/token/', [['username', name], ['password', PASSWORD]])
    t.equal(tokens.statusCode, 200)
    t.equal((await post('/api/token/refresh/', [['refresh', tokens.json().refresh]])).statusCode, 200)
    t.equal((await post('/api/users/groups/', [['name', `of ${name}`]], world.token)).statusCode, 201)
    t.equal((await post('/api/profile/', [['a', 'b']], ada.headers)).statusCode, 200)
  }
  for (const url of ['/api/sign-up/', '/api/sign-in/', '/api/token/', '/api/token/refresh/', '/api/users/groups/']) {
    const response = await app.inject({ method: 'POST', url, headers: { ...world.token, 'content-type': 'text/plain' }, payload: 'x' })
    t.equal(response.statusCode, 415, url)
    t.same(response.json(), { detail: 'Unsupported media type "text/plain" in request.' })
  }
})

const PATHS: [Method, string][] = [
  ['GET', `/api/v2/user/${ada.id}`], ['PUT', `/api/v2/user/${ada.id}`], ['PATCH', `/api/v2/user/${ada.id}`], ['GET', '/api/v2/user/me'],
  ['GET', `/api/users/${ada.id}`], ['PUT', `/api/users/${ada.id}`], ['PATCH', `/api/users/${ada.id}`], ['GET', '/api/users/groups'], ['POST', '/api/users/groups'],
  ['POST', '/api/sign-up'], ['POST', '/api/sign-in'], ['POST', '/api/token'], ['POST', '/api/token/refresh'],
  ['GET', '/api/profile'], ['POST', '/api/profile'], ['PUT', `/api/profile/${ada.id}/update`],
]
await t.test('rule 7: both slash forms are the same path, never redirected', async (t) => {
  world.reset()
  for (const [method, url] of PATHS) {
    const headers = url.startsWith('/api/users') ? world.token : ada.headers
    const ask = async (path: string, more: object = {}) => await app.inject({ method, url: path, headers, ...method !== 'GET' && { payload: {} }, ...more })
    const [bare, slash, query] = [await ask(url), await ask(`${url}/`), await ask(`${url}?a=b`)]
    t.equal(bare.statusCode, slash.statusCode, `${method} ${url}`)
    t.equal(query.statusCode, slash.statusCode)
    t.not(Math.floor(slash.statusCode / 100), 3)
    t.not(slash.statusCode, 404)
    if (method !== 'GET' || !url.endsWith('groups')) t.equal(bare.body, slash.body, 'the same answer')
    // One that the path does not have.
    const unserved = /\/users?\/\d+$/.test(url) ? 'POST' : 'DELETE'
    for (const other of [unserved, 'OPTIONS'] as const) {
      const [a, b] = [await ask(url, { method: other }), await ask(`${url}/`, { method: other })]
      t.equal(a.statusCode, other === unserved ? 405 : 200)
      t.equal(a.body, b.body)
      t.equal(a.headers.allow, b.headers.allow)
    }
  }
})
