import t from 'tap'
import { actingAs, OPERATOR } from '../../src/core/access.ts'
import { engine } from '../engines.ts'
import { build, form, signUp, tokenOf, urlencoded } from '../helper.ts'
import { openStore } from '../contract/world.ts'

interface Shown { id: number, name: string, notes: string, users_count: number, created_at: string, updated_at: string }

const built = await build(t)
const { app, core, dataDir } = built
const store = openStore(t, dataDir)
const ada = await signUp(built, 'ada')
const bob = await signUp(built, 'bob')
const staff = await signUp(built, 'helper', { isStaff: true })
const headers = await tokenOf(built, staff)
const BASE = '/api/users/groups/'
const ask = (method: 'GET' | 'PUT' | 'PATCH' | 'DELETE', id: number | string, payload?: object) =>
  app.inject({ method, url: `${BASE}${id}/`, headers, ...payload !== undefined && { payload } })
const make = async (name: string, notes = ''): Promise<Shown> =>
  (await app.inject({ method: 'POST', url: BASE, headers, payload: { name, notes } })).json<Shown>()
const join = (person: { id: number }, groups: number[]) => core.users.edit(OPERATOR, person.id, { groups }, { family: 'test' })
const counts = async (id: number) => (await ask('GET', id)).json<Shown>().users_count
const stored = (id: number) => store.sql.prepare('select * from groups where id = ?').get(id) as Record<string, unknown>

t.test('a group is made, read, changed and removed', async (t) => {
  const made = await make('Editors', 'who write')
  t.same(Object.keys(made), ['id', 'name', 'notes', 'users_count', 'created_at', 'updated_at'])
  await join(ada, [made.id])
  const read = await ask('GET', made.id)
  t.equal(read.statusCode, 200)
  t.same(read.json(), { ...made, users_count: 1 })

  const renamed = await ask('PATCH', made.id, { name: ' EDITORS ' })
  t.equal(renamed.statusCode, 200, 'its own name in other letters is free')
  const { updated_at, ...rest } = renamed.json<Shown>()
  t.same(rest, { id: made.id, name: 'EDITORS', notes: 'who write', users_count: 1, created_at: made.created_at })
  t.ok(Date.parse(updated_at) > Date.parse(made.updated_at))
  t.same((await ask('GET', made.id)).json(), renamed.json(), 'what is answered is stored')

  t.match((await ask('PUT', made.id, { name: 'Writers' })).json(), { name: 'Writers', notes: 'who write' }, 'PUT keeps what is absent')
  t.match((await ask('PATCH', made.id, { notes: '' })).json(), { name: 'Writers', notes: '' })

  const before = store.row(ada.id)
  const gone = await ask('DELETE', made.id)
  t.equal(gone.statusCode, 204)
  t.equal(gone.body, '')
  t.strictSame(store.row(ada.id), { ...before, groups: [] }, 'who was in it has only lost it')
  t.same((await app.inject({ url: `/api/users/${ada.id}/`, headers })).json<{ groups_data: object[] }>().groups_data, [])
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'] as const) {
    const response = await ask(method, made.id, method === 'GET' ? undefined : { name: 'x' })
    t.equal(response.statusCode, 404, method)
    t.same(response.json(), { detail: 'Not found.' })
  }
  t.ok((await make('Writers')).id > made.id, 'the name is free, and the id is not used again')
})

t.test('the update law, in every encoding', async (t) => {
  const { id } = await make('law', 'kept')
  const bodies = { json: { payload: '{"name":"changed"}', headers: { 'content-type': 'application/json' } }, urlencoded: urlencoded([['name', 'changed']]), multipart: form([['name', 'changed']]) }
  for (const [encoding, body] of Object.entries(bodies)) {
    for (const method of ['PUT', 'PATCH'] as const) {
      store.sql.prepare("update groups set name = 'law', notes = 'kept', created_at = 5, updated_at = 6 where id = ?").run(id)
      t.equal((await app.inject({ method, url: `${BASE}${id}/`, payload: body.payload, headers: { ...headers, ...body.headers } })).statusCode, 200)
      t.match(stored(id), { name: 'changed', notes: 'kept', created_at: 5 }, `${method} ${encoding}`)
    }
  }
})

t.test('nothing new, nothing written', async (t) => {
  const { id } = await make('still', 'the same')
  const before = stored(id)
  for (const payload of [{}, { name: 'still' }, { name: 'still', notes: ' the same ' }, { id: 99, users_count: 5, created_at: '2001-01-01T00:00:00Z', updated_at: 'x' }]) {
    t.equal((await ask('PATCH', id, payload)).statusCode, 200)
    t.strictSame(stored(id), before, JSON.stringify(payload))
  }
  const shown = (await ask('GET', id)).json<Shown>()
  t.same((await ask('PUT', id, shown)).json(), shown, 'a whole object is sent back')
  t.strictSame(stored(id), before)
  store.sql.prepare('update groups set updated_at = ? where id = ?').run(Date.now() + 60_000, id)
  const future = stored(id).updated_at
  await ask('PATCH', id, { notes: 'later' })
  t.ok(Number(stored(id).updated_at) > Number(future), 'a clock that was set back does not take it back')
})

t.test('all that is wrong is told at once, and nothing is written', async (t) => {
  const { id } = await make('fine', 'as well')
  await make('Taken')
  const before = stored(id)
  const long = 'x'.repeat(5_001)
  const cases: [body: object, findings: object][] = [
    [{ name: null, notes: long }, { name: ['This field may not be null.'], notes: ['Ensure this field has no more than 5000 characters.'] }],
    [{ name: '  ', notes: null }, { name: ['This field may not be blank.'], notes: ['This field may not be null.'] }],
    [{ name: 'tAKEN', notes: true }, { notes: ['Not a valid string.'], name: ['group with this name already exists.'] }],
    [{ name: 'x'.repeat(151) }, { name: ['Ensure this field has no more than 150 characters.'] }],
  ]
  for (const [body, findings] of cases) {
    for (const method of ['PUT', 'PATCH'] as const) {
      const response = await ask(method, id, body)
      t.equal(response.statusCode, 400)
      t.same(response.json(), findings)
      t.same(Object.keys(response.json()), ['name', 'notes'].filter((name) => name in findings), 'in the order of the schema')
    }
  }
  t.same((await ask('PUT', id, { notes: 'x' })).json(), { name: ['This field is required.'] })
  t.strictSame(stored(id), before)
})

t.test('only the one spelling of an id names a group, and nobody reads a body for no group', async (t) => {
  const { id } = await make('spelled')
  for (const spelling of [`0${id}`, `+${id}`, `${id}.0`, `${id}e0`, `-${id}`, '0', 'abc', '%201', '9007199254740993', '1'.repeat(17), '999999', 'me']) {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'] as const) {
      const response = await app.inject({ method, url: `${BASE}${spelling}/`, headers: { ...headers, ...method !== 'GET' && { 'content-type': 'text/plain' } }, ...method !== 'GET' && { payload: 'x' } })
      t.equal(response.statusCode, 404, `${method} ${spelling}`)
      t.same(response.json(), { detail: 'Not found.' })
    }
  }
  t.equal((await app.inject({ url: `${BASE}${id}`, headers })).statusCode, 200, 'without the slash as well')
})

t.test('who was deleted does not count, who came back does', async (t) => {
  const [one, two] = [await make('count one'), await make('count two')]
  await join(ada, [one.id, two.id])
  await join(bob, [one.id])
  t.same([await counts(one.id), await counts(two.id)], [2, 1])
  await core.deletion.hide(OPERATOR, ada.id, () => {}, { family: 'test' })
  t.same([await counts(one.id), await counts(two.id)], [1, 0])
  const listed = (await app.inject({ url: `${BASE}?search=count&max_users=1`, headers })).json<{ count: number, results: Shown[] }>()
  t.same(listed.results.map(({ id, users_count }) => [id, users_count]), [[one.id, 1], [two.id, 0]], 'in the list too, and for its filters')
  t.same((await ask('PATCH', one.id, { notes: 'new' })).json<Shown>().users_count, 1)
  await core.deletion.restore(OPERATOR, ada.id, { family: 'test' })
  t.same([await counts(one.id), await counts(two.id)], [2, 1])
})

t.test('of two who want a name one gets it, and of two who remove a group one has', async (t) => {
  const [one, two] = [await make('racer one'), await make('racer two')]
  const named = await Promise.all([ask('PATCH', one.id, { name: 'Prize' }), ask('PATCH', two.id, { name: 'prize' })])
  t.same(named.map(({ statusCode }) => statusCode).sort(), [200, 400])
  const removed = await Promise.all([ask('DELETE', one.id), ask('DELETE', one.id)])
  t.same(removed.map(({ statusCode }) => statusCode).sort(), [204, 404])
  const late = await Promise.all([ask('DELETE', two.id), ask('PATCH', two.id, { notes: 'x' })])
  // Of two transactions either may be the first.
  const isEditedFirst = engine === 'PostgreSQL' && late[1].statusCode === 200
  t.same(late.map(({ statusCode }) => statusCode), [204, isEditedFirst ? 200 : 404], 'a group that goes while it is edited')
})

t.test('a right that is lost on the way is gone', async (t) => {
  const { id } = await make('guarded')
  const before = store.dump()
  const stale = actingAs({ ...await core.users.get(bob.id), isStaff: true })
  await t.rejects(core.groups.create(stale, { name: 'climbed' }), { code: 'permission_denied' })
  await t.rejects(core.groups.edit(stale, id, { name: 'climbed' }), { code: 'permission_denied' })
  await t.rejects(core.groups.remove(stale, id), { code: 'permission_denied' })
  t.strictSame(store.dump(), before)
})
