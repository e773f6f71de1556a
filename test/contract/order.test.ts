import t from 'tap'
import type { Test } from 'tap'
import { signUp } from '../helper.ts'
import { json } from './cases.ts'
import { FAMILIES, NAMES, problem } from './families.ts'
import type { FamilyName, Method } from './families.ts'
import { createWorld } from './world.ts'

/*
 * CONTRACT §1 row 8, the order of the checks, and the rows of §1.1 about methods. 406 and 429 of that row are never sent.
 * Each step is tried against every later one at once: the request has all later faults, and the earlier one answers.
 */
const world = await createWorld(t)
const { app, store, ada, bob } = world
const TEXT = { 'content-type': 'text/plain' }
const BAD = { payload: '{"username":', headers: { 'content-type': 'application/json' } }
const PARSES = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data']

for (const family of NAMES) {
  const { edit, actor, challenge, allow } = FAMILIES[family]
  const target = edit(ada.id)
  const mine = actor(world)

  const answers = async (t: Test, method: Method, url: string, { headers, payload = 'text' }: { headers: Record<string, string>, payload?: string }) => {
    const before = store.dump()
    const response = await app.inject({ method, url, headers, payload })
    t.strictSame(store.dump(), before, 'nothing is stored')
    return response
  }

  await t.test(`${family}: 401 before 403, 404, 405, 415`, async (t) => {
    for (const [method, url] of [[target.method, target.url], ['POST', target.url], [target.method, edit(999).url], ['POST', edit(999).url]] as [Method, string][]) {
      const response = await answers(t, method, url, { headers: TEXT })
      t.equal(response.statusCode, 401)
      t.same(response.json(), problem(family, 'not_authenticated', 'Authentication credentials were not provided.'))
      t.equal(response.headers['www-authenticate'], challenge)
      t.equal(response.headers['allow'], undefined)
    }
  })

  await t.test(`${family}: 405 before 404, 403 of the object, 415 and 400`, async (t) => {
    for (const [id, method] of [[ada.id, 'POST'], [999, 'POST'], [bob.id, 'POST']] as [number, Method][]) {
      for (const body of [{ headers: TEXT }, BAD]) {
        const response = await answers(t, method, edit(id).url, { ...body, headers: { ...mine, ...body.headers } })
        t.equal(response.statusCode, 405)
        t.same(response.json(), problem(family, 'method_not_allowed', `Method "${method}" not allowed.`))
        t.equal(response.headers.allow, allow)
      }
    }
  })

  await t.test(`${family}: 404 before 415 and 400`, async (t) => {
    for (const body of [{ headers: TEXT }, BAD]) {
      const response = await answers(t, target.method, edit(999).url, { ...body, headers: { ...mine, ...body.headers } })
      t.equal(response.statusCode, 404)
    }
  })

  await t.test(`${family}: 403 of the object before 415 and 400`, async (t) => {
    // Staff reach ordinary people; another of the staff, or an admin, is out of reach.
    const { headers, id } = await outOfReach(family)
    for (const body of [{ headers: TEXT }, BAD]) {
      const response = await answers(t, target.method, edit(id).url, { ...body, headers: { ...headers, ...body.headers } })
      t.equal(response.statusCode, 403)
      t.same(response.json(), problem(family, 'permission_denied', 'You do not have permission to perform this action.'))
    }
  })

  await t.test(`${family}: parsing before the fields`, async (t) => {
    const unsupported = await answers(t, target.method, target.url, { payload: '{"username":""}', headers: { ...mine, ...TEXT } })
    t.equal(unsupported.statusCode, 415)
    const broken = await answers(t, target.method, target.url, { payload: '{"username":"",', headers: { ...mine, ...json({}).headers } })
    t.equal(broken.statusCode, 400)
    t.match(broken.body, 'parse error')
  })

  await t.test(`${family}: OPTIONS, authorised`, async (t) => {
    const response = await app.inject({ method: 'OPTIONS', url: target.url, headers: mine })
    t.equal(response.statusCode, 200)
    const { name, ...rest } = response.json()
    t.equal(name, { community: 'Get a user', staff: 'Retrieve a user', personal: 'Update Profile' }[family])
    t.same(rest, { description: '', renders: ['application/json', 'text/html'], parses: PARSES })
    t.equal(response.headers.allow, allow)
    t.equal((await app.inject({ method: 'OPTIONS', url: target.url })).statusCode, 401)
  })
}

await t.test('staff: 403 for ordinary people before 405, 404 and 415', async (t) => {
  for (const [method, url] of [['PATCH', '/api/users/999/'], ['DELETE', '/api/users/999/'], ['GET', '/api/users/groups/'], ['DELETE', '/api/users/groups/']] as const) {
    const response = await app.inject({ method, url, headers: { ...ada.headers, ...TEXT }, payload: method === 'GET' ? '' : 'text' })
    t.equal(response.statusCode, 403)
    t.same(response.json(), problem('staff', 'permission_denied', 'You do not have permission to perform this action.'))
  }
})

await t.test('personal: paths that need no credentials answer 405 without any', async (t) => {
  for (const path of ['sign-up', 'sign-in', 'token', 'token/refresh']) {
    const response = await app.inject({ method: 'GET', url: `/api/${path}/` })
    t.equal(response.statusCode, 405)
    t.same(response.json(), { detail: 'Method "GET" not allowed.' })
    t.equal(response.headers.allow, 'OPTIONS, POST')
  }
})

async function outOfReach (family: FamilyName) {
  if (family !== 'staff') return { headers: ada.headers, id: bob.id }
  const { headers } = await signUp(world, 'helper', { isStaff: true })
  return { headers, id: world.admin.id }
}
