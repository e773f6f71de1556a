import t from 'tap'
import { json, refuses, runCases, send } from './cases.ts'
import { FAMILIES, NAMES, problem, refusal } from './families.ts'
import type { FamilyName } from './families.ts'
import { createWorld } from './world.ts'
import { PASSWORD } from '../helper.ts'

/* DESIGN §9: the rows `ETag` and "what moves the version and updated_at". */
const world = await createWorld(t)
const { app, store, ada } = world
const STALE = 'The account has changed since. Read it again and repeat the request.'
const NAME: Record<FamilyName, string> = { community: 'real_name', staff: 'first_name', personal: 'first_name' }

const read = async (family: FamilyName, headers: Record<string, string> = {}) =>
  await app.inject({ ...FAMILIES[family].read(ada.id), headers: { ...FAMILIES[family].actor(world), ...headers } })
const tagOf = async (family: FamilyName) => String((await read(family)).headers.etag)
const versionIn = (tag: unknown) => Number(/^"(\d+)-[\w-]+"$/.exec(String(tag))?.[1])

for (const family of NAMES) {
  await t.test(`${family}: "<version>-<hash>", with Cache-Control and Vary`, async (t) => {
    world.reset()
    const response = await read(family)
    t.equal(versionIn(response.headers.etag), store.row(ada.id).version)
    t.equal(response.headers['cache-control'], 'private, no-cache')
    t.match(response.headers.vary, /Authorization/)
    t.equal(await tagOf(family), response.headers.etag, 'the same account, the same tag')
  })

  await t.test(`${family}: If-None-Match with the whole tag is 304, empty, with the same headers`, async (t) => {
    const etag = await tagOf(family)
    for (const header of [etag, `W/${etag}`, `"0-x", ${etag}`, '*']) {
      const response = await read(family, { 'if-none-match': header })
      t.equal(response.statusCode, 304, header)
      t.equal(response.body, '')
      t.match(response.headers, { etag, 'cache-control': 'private, no-cache', vary: /Authorization/ })
    }
    for (const header of [`"${versionIn(etag)}-other"`, `"${versionIn(etag)}"`, '"x"', '']) {
      t.equal((await read(family, { 'if-none-match': header })).statusCode, 200, header)
    }
    const head = await app.inject({ ...FAMILIES[family].read(ada.id), method: 'HEAD', headers: FAMILIES[family].actor(world) })
    t.match(head.headers, { etag })
  })

  await t.test(`${family}: If-None-Match does not stop a write, nor turn its answer into 304`, async (t) => {
    world.reset()
    const etag = await tagOf(family)
    const response = await send(world, { family, sent: json({ [NAME[family]]: 'Written' }), headers: { 'if-none-match': etag } })
    t.equal(response.statusCode, 200)
    t.equal(store.row(ada.id)[NAME[family]], 'Written')
  })

  await t.test(`${family}: If-Match compares the version only, from any family`, async (t) => {
    for (const from of NAMES) {
      world.reset()
      const version = Number(store.row(ada.id).version)
      const etag = await tagOf(from)
      for (const [i, header] of [etag, `"${version + 1}-anything"`, `"1-x", "${version + 2}-x"`, '*'].entries()) {
        const response = await send(world, { family, sent: json({ [NAME[family]]: `${from} ${i}` }), headers: { 'if-match': header } })
        t.equal(response.statusCode, 200, header)
        t.equal(versionIn(response.headers.etag), version + i + 1)
        t.equal(store.row(ada.id)[NAME[family]], `${from} ${i}`)
      }
    }
  })

  await t.test(`${family}: 412 in the family's body with the current ETag, and nothing is stored`, async (t) => {
    world.reset()
    const old = await tagOf(family)
    await send(world, { family: 'community', sent: json({ bio: 'moved' }) })
    const current = await tagOf(family)
    for (const header of [old, `"${versionIn(old)}-x"`, `W/${current}`, '"x"', 'x', '""']) {
      const response = await refuses(t, world, { family, sent: json({ [NAME[family]]: 'Lost' }), headers: { 'if-match': header }, status: 412, body: problem(family, 'precondition_failed', STALE) })
      t.equal(response.headers.etag, current, 'the tag that GET shows')
    }
  })

  await t.test(`${family}: 400 goes before 412`, async (t) => {
    const findings = [['username', 'unique', 'A user with that username already exists.']] as const
    await refuses(t, world, { family, sent: json({ username: 'bob' }), headers: { 'if-match': '"1-x"' }, status: 400, body: refusal(family, findings) })
    await refuses(t, world, { family, sent: json({ username: '' }), headers: { 'if-match': '"1-x"' }, status: 400, body: refusal(family, [['username', 'blank', 'This field may not be blank.']]) })
  })

  await t.test(`${family}: 401, 403 and 404 go before 412`, async (t) => {
    const { edit, actor } = FAMILIES[family]
    const stale = { 'if-match': '"1-x"' }
    t.equal((await app.inject({ ...edit(ada.id), headers: stale, payload: {} })).statusCode, 401)
    t.equal((await app.inject({ ...edit(ada.id), headers: { ...stale, ...world.bob.headers }, payload: {} })).statusCode, 403)
    t.equal((await app.inject({ ...edit(999), headers: { ...stale, ...actor(world) }, payload: {} })).statusCode, 404)
  })
}

await t.test('personal: POST /api/profile/ shows the ETag, and is never 304', async (t) => {
  const etag = await tagOf('personal')
  const response = await app.inject({ method: 'POST', url: '/api/profile/', headers: { ...ada.headers, 'if-none-match': etag } })
  t.equal(response.statusCode, 200)
  t.equal(response.headers.etag, etag)
})

await t.test('an edit moves the version and updated_at, each by what it names; one that changes nothing does not', (t) => runCases(t, world, NAMES.flatMap((family) => [
  { family, title: 'a new value', json: { [NAME[family]]: 'New' }, stored: { [NAME[family]]: 'New' } },
  { family, title: 'the stored value', json: { [NAME[family]]: family === 'community' ? 'Ada Lovelace' : 'Ada' }, stored: {} },
])))

await t.test('sign-in moves neither', async (t) => {
  world.reset()
  const before = store.row(ada.id)
  const signIn = await app.inject({ method: 'POST', url: '/api/sign-in/', payload: { email: 'ada@example.com', password: PASSWORD } })
  t.equal(signIn.statusCode, 200)
  const after = store.row(ada.id)
  t.not(after.last_login_at, before.last_login_at)
  t.strictSame(after, { ...before, last_login_at: after.last_login_at })
})

await t.test('presence moves neither, and changes no ETag in the family that does not show it', async (t) => {
  world.reset()
  const before = store.row(ada.id)
  const etag = await tagOf('community')
  world.core.presence.saw(ada.id)
  await world.core.presence.flush()
  t.type(store.sql.prepare('select last_seen_at from users where id = ?').pluck().get(ada.id), 'number')
  t.strictSame(store.row(ada.id), before)
  t.equal(await tagOf('community'), etag)
})

await t.test('a group rename moves neither; the whole tag changes, the precondition holds', async (t) => {
  world.reset()
  const before = store.row(ada.id)
  const etag = await tagOf('staff')
  // No path renames a group yet.
  store.sql.prepare("update groups set name = 'first' where id = 1").run()
  t.strictSame(store.row(ada.id), before)
  const changed = await read('staff', { 'if-none-match': etag })
  t.equal(changed.statusCode, 200)
  t.match(changed.json(), { groups_data: [{ id: 1, name: 'first' }, { id: 2, name: 'two' }] })
  t.not(changed.headers.etag, etag)
  t.equal(versionIn(changed.headers.etag), versionIn(etag))
  store.sql.prepare("update groups set name = 'one' where id = 1").run()
  t.equal((await send(world, { family: 'staff', sent: json({ first_name: 'x' }), headers: { 'if-match': etag } })).statusCode, 200)
})

await t.test("other systems' counters move neither", async (t) => {
  world.reset()
  const before = store.row(ada.id)
  const etag = await tagOf('community')
  const body = { followers_counter: 70, reputation: 71, ext_id: 'crm-2', reg_approved: false, community_badge: 0, posts_counter: '72' }
  const response = await app.inject({ ...FAMILIES.staff.edit(ada.id), headers: world.token, payload: body })
  t.equal(response.statusCode, 200)
  t.strictSame(store.row(ada.id), { ...before, followers: 70, reputation: 71, ext_id: 'crm-2', reg_approved: 0, community_badge: 0, posts: 72 })
  const changed = await read('community', { 'if-none-match': etag })
  t.equal(changed.statusCode, 200)
  t.equal(versionIn(changed.headers.etag), versionIn(etag))
})

for (const family of ['community', 'staff'] as const) {
  await t.test(`${family}: If-Match holds for PUT as well`, async (t) => {
    world.reset()
    const etag = await tagOf(family)
    await refuses(t, world, { family, method: 'PUT', sent: json({ username: 'lost' }), headers: { 'if-match': '"1-x"' }, status: 412, body: problem(family, 'precondition_failed', STALE) })
    t.equal((await send(world, { family, method: 'PUT', sent: json({ username: 'ada-put' }), headers: { 'if-match': etag } })).statusCode, 200)
    t.equal(store.row(ada.id).username, 'ada-put')
  })
}

for (const [family, url] of [['community', '/api/v2/user/me/'], ['personal', '/api/profile/']] as const) {
  await t.test(`${family}: GET ${url} is conditional too`, async (t) => {
    world.reset()
    const own = (headers: Record<string, string> = {}) => app.inject({ url, headers: { ...ada.headers, ...headers } })
    const { headers } = await own()
    t.equal(versionIn(headers.etag), store.row(ada.id).version)
    t.match(headers, { 'cache-control': 'private, no-cache', vary: /Authorization/ })
    t.equal((await own({ 'if-none-match': String(headers.etag) })).statusCode, 304)
  })
}
