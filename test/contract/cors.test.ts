import t from 'tap'
import { build, signUp } from '../helper.ts'
import { FAMILIES, NAMES } from './families.ts'
import { createWorld, openStore } from './world.ts'

/* CONTRACT §1 rule 13 and the row CORS of DESIGN §9. */
const ORIGIN = 'https://app.example.com'
const world = await createWorld(t, { corsOrigins: [ORIGIN] })
const { app, store, ada } = world

for (const family of NAMES) {
  const { edit, actor } = FAMILIES[family]
  const target = edit(ada.id)

  await t.test(`${family}: a preflight is answered without credentials, for every method`, async (t) => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const headers = { origin: ORIGIN, 'access-control-request-method': method, 'access-control-request-headers': 'authorization,content-type,if-match' }
      const response = await app.inject({ method: 'OPTIONS', url: target.url, headers })
      t.equal(response.statusCode, 204)
      t.equal(response.body, '')
      t.equal(response.headers['access-control-allow-origin'], ORIGIN)
      t.match(response.headers['access-control-allow-methods'], new RegExp(`\\b${method}\\b`))
      for (const name of ['Authorization', 'Content-Type', 'If-Match', 'If-None-Match', 'Prefer']) t.match(response.headers['access-control-allow-headers'], name)
      t.equal(response.headers['access-control-allow-credentials'], undefined)
    }
  })

  await t.test(`${family}: a plain OPTIONS is no preflight, and never 400`, async (t) => {
    const ask = async (headers: Record<string, string>) => (await app.inject({ method: 'OPTIONS', url: target.url, headers })).statusCode
    t.equal(await ask({ ...actor(world) }), 200)
    t.equal(await ask({ ...actor(world), origin: ORIGIN }), 200)
    t.equal(await ask({ origin: ORIGIN }), 401)
  })

  await t.test(`${family}: a write from a listed origin, whose answer and errors can be read there`, async (t) => {
    const before = store.row(ada.id)
    const done = await app.inject({ ...target, headers: { ...actor(world), origin: ORIGIN }, payload: { username: `ada-${family}` } })
    t.equal(done.statusCode, 200)
    t.equal(store.row(ada.id).username, `ada-${family}`)
    t.equal(store.row(ada.id).version, Number(before.version) + 1)
    t.equal(done.headers['access-control-allow-origin'], ORIGIN)
    for (const name of ['ETag', 'Link', 'Preference-Applied', 'Retry-After']) t.match(done.headers['access-control-expose-headers'], name)
    t.match(done.headers.vary, /Origin/)
    t.match(done.headers.vary, /Authorization/)
    const refused = await app.inject({ ...target, headers: { ...actor(world), origin: ORIGIN }, payload: { username: '' } })
    t.equal(refused.statusCode, 400)
    t.equal(refused.headers['access-control-allow-origin'], ORIGIN)
    const unknown = await app.inject({ ...target, headers: { origin: ORIGIN }, payload: {} })
    t.equal(unknown.statusCode, 401)
    t.equal(unknown.headers['access-control-allow-origin'], ORIGIN)
  })

  await t.test(`${family}: other origins are not reflected`, async (t) => {
    for (const origin of ['https://evil.example.com', 'null', `${ORIGIN}.evil.example`, 'http://app.example.com']) {
      const response = await app.inject({ ...target, headers: { ...actor(world), origin }, payload: {} })
      t.equal(response.headers['access-control-allow-origin'], undefined)
    }
  })
}

await t.test('without VISAGE_CORS_ORIGINS no header of CORS is sent, and OPTIONS is as ever', async (t) => {
  const built = await build(t)
  const person = await signUp(built, 'eve')
  const before = openStore(t, built.dataDir).dump()
  for (const family of ['community', 'personal'] as const) {
    const preflight = { origin: ORIGIN, 'access-control-request-method': 'PATCH', ...person.headers }
    const response = await built.app.inject({ method: 'OPTIONS', url: FAMILIES[family].edit(person.id).url, headers: preflight })
    t.equal(response.statusCode, 200)
    t.equal(response.headers['access-control-allow-origin'], undefined)
  }
  t.strictSame(openStore(t, built.dataDir).dump(), before)
})

await t.test('* allows every origin, still without credentials', async (t) => {
  const built = await build(t, { corsOrigins: ['*'] })
  const response = await built.app.inject({ method: 'GET', url: '/api/v2/user/1/', headers: { origin: 'https://any.example' } })
  t.equal(response.headers['access-control-allow-origin'], '*')
  t.equal(response.headers['access-control-allow-credentials'], undefined)
})
