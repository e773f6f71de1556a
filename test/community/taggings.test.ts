import t from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import { openSql } from '../engines.ts'
import { signUp } from '../helper.ts'
import { createWorld, encodings, findings, FORBIDDEN, NOT_FOUND, REQUIRED, UNAUTHENTICATED, whole } from './world.ts'

/* CONTRACT §2.2 (tags of a User) and §2.6: /tag/{id}/assign|add|remove/, /tag/user/, /user/{id}/tags/. */
const world = await createWorld(t)
const { ask, core, admin, ada, bob, helper, keys, dataDir } = world
const file = openSql(dataDir, { readonly: true })
t.teardown(() => { file.close() })

interface Wire { id: number, name: string }
interface Page<T> { count: number, next: string | null, results: T[] }

const create = async (name: string, more: object = {}) => (await ask('POST', '/api/v2/tag/', { name, ...more }, admin)).json<Wire>()
const tell = (verb: string, tag: { id: number }, user: unknown) => ask('POST', `/api/v2/tag/${tag.id}/${verb}/`, { user }, admin)
const user = async (id: number, headers?: { authorization: string }) => (await ask('GET', `/api/v2/user/${id}/`, undefined, headers))
const tagsOf = async (id: number, headers?: { authorization: string }) => (await user(id, headers)).json<{ tags: Wire[] }>().tags.map(({ name }) => name)
const stateOf = (id: number) => file.prepare('select version, updated_at from users where id = ?').get(id) as { version: number, updated_at: number }
const taggings = (id: number) => file.prepare('select tag_id from taggings where user_id = ? order by tag_id').pluck().all(id)

t.test('giving and taking: once counts, twice changes nothing', async (t) => {
  const tag = await create('pioneer', { color: '#123456', description: 'was early' })
  const start = stateOf(ada.id)
  const etag = (await user(ada.id)).headers.etag
  const log = (await core.db.read.changes.list(ada.id)).length

  const given = await tell('assign', tag, ada.id)
  t.equal(given.statusCode, 204)
  t.equal(given.body, '')
  const after = stateOf(ada.id)
  t.equal(after.version, start.version + 1)
  t.ok(after.updated_at > start.updated_at)
  t.match((await core.db.read.changes.list(ada.id)).slice(log), [{ fields: ['tags'], family: 'community', actorId: /^\d+$/, dropped: [], version: after.version }])
  const shown = await user(ada.id)
  t.same(shown.json<{ tags: Wire[] }>().tags, [tag], 'with the whole tag, as it was made')
  t.not(shown.headers.etag, etag)
  t.match(shown.headers.etag, new RegExp(`^"${after.version}-`))
  t.same((await ask('GET', '/api/v2/user/me/', undefined, ada.headers)).json<{ tags: Wire[] }>().tags, [tag])

  for (const verb of ['assign', 'add']) t.equal((await tell(verb, tag, ada.id)).statusCode, 204)
  t.same(stateOf(ada.id), after, 'it is given already')
  t.equal((await core.db.read.changes.list(ada.id)).length, log + 1)
  t.equal((await user(ada.id)).headers.etag, shown.headers.etag)

  t.equal((await tell('remove', tag, ada.id)).statusCode, 204)
  t.equal(stateOf(ada.id).version, after.version + 1)
  t.same(await tagsOf(ada.id), [])
  t.equal((await tell('remove', tag, ada.id)).statusCode, 204)
  t.equal(stateOf(ada.id).version, after.version + 1)

  for (const [i, [encoding, { payload, headers }]] of encodings({ user: String(ada.id), category: '3', extra: 'x' }).entries()) {
    const response = await world.app.inject({ method: 'POST', url: `/api/v2/tag/${tag.id}/${i % 2 === 0 ? 'add' : 'remove'}`, payload, headers: { ...admin, ...headers } })
    t.equal(response.statusCode, 204, encoding)
  }
  t.same(taggings(ada.id), [tag.id])
  const raced = await create('raced')
  const { version } = stateOf(ada.id)
  await Promise.all(['assign', 'add', 'assign'].map((verb) => tell(verb, raced, ada.id)))
  t.equal(stateOf(ada.id).version, version + 1, 'of racing ones one is written')
})

t.test('what cannot be given', async (t) => {
  const tag = await create('fine')
  const topic = await create('topic', { type: 'category' })
  const cases: [object | undefined, object][] = [
    [undefined, findings(['user', 'required', REQUIRED])],
    [{}, findings(['user', 'required', REQUIRED])],
    [{ category: 1 }, findings(['user', 'required', REQUIRED])],
    [{ contribution: 1 }, findings(['user', 'required', REQUIRED])],
    [{ user: null }, findings(['user', 'null', 'This field may not be null.'])],
    [{ user: 'bob' }, findings(['user', 'invalid', 'A valid integer is required.'])],
    [{ user: 1.5 }, findings(['user', 'invalid', 'A valid integer is required.'])],
    [{ user: [bob.id] }, findings(['user', 'invalid', 'A valid integer is required.'])],
    [{ user: 999_999 }, findings(['user', 'does_not_exist', 'Invalid pk "999999" - object does not exist.'])],
    [{ user: -1 }, findings(['user', 'does_not_exist', 'Invalid pk "-1" - object does not exist.'])],
  ]
  for (const verb of ['assign', 'add', 'remove']) {
    for (const [body, expected] of cases) {
      const response = await ask('POST', `/api/v2/tag/${tag.id}/${verb}/`, body, admin)
      t.equal(response.statusCode, 400, `${verb} ${JSON.stringify(body)}`)
      t.same(response.json(), expected)
    }
    for (const id of [999_999, '01', 'x']) {
      const response = await ask('POST', `/api/v2/tag/${id}/${verb}/`, { user: 'nonsense' }, admin)
      t.equal(response.statusCode, 404)
      t.same(response.json(), NOT_FOUND)
    }
  }
  const NOT_FOR_PEOPLE = 'Only a tag of the type user can be given to people.'
  t.same((await tell('add', topic, bob.id)).json(), findings(['user', 'invalid', NOT_FOR_PEOPLE]))
  t.equal((await tell('remove', topic, bob.id)).statusCode, 204, 'nobody has it, so there is nothing to do')
  t.equal(stateOf(bob.id).version, 1)

  await tell('add', tag, bob.id)
  t.same((await ask('PATCH', `/api/v2/tag/${tag.id}/`, { type: 'category' }, admin)).json(), findings(['type', 'invalid', NOT_FOR_PEOPLE]), 'while somebody has it')
  t.match((await ask('PATCH', `/api/v2/tag/${tag.id}/`, { type: 'user', name: 'finer' }, admin)).json(), { name: 'finer' })
  await tell('remove', tag, bob.id)
  t.match((await ask('PATCH', `/api/v2/tag/${tag.id}/`, { type: 'category' }, admin)).json(), { type: 'category' })
})

t.test('who sees which tags of a person', async (t) => {
  const grace = await signUp(world, 'grace')
  const [open, hidden, idle] = [await create('open'), await create('hidden', { visible: false }), await create('idle', { active: false })]
  for (const tag of [idle, hidden, open]) await tell('add', tag, grace.id)
  const { version } = stateOf(grace.id)

  for (const headers of [undefined, ada.headers]) t.same(await tagsOf(grace.id, headers), ['open'])
  for (const headers of [grace.headers, keys.helper, admin]) t.same(await tagsOf(grace.id, headers), ['open', 'hidden', 'idle'])

  const list = (headers?: { authorization: string }, query = '', id: number | string = grace.id) => ask('GET', `/api/v2/user/${id}/tags/${query}`, undefined, headers)
  for (const headers of [grace.headers, admin]) t.same((await list(headers)).json(), { count: 3, next: null, previous: null, results: [open, hidden, idle] })
  const page = (await list(grace.headers, '?limit=1&offset=1')).json<Page<Wire>>()
  t.match(page, { count: 3, results: [hidden], next: /\/tags\/\?limit=1&offset=2$/, previous: /\/tags\/\?limit=1$/ })
  t.same((await list(grace.headers, '?offset=3')).json<Page<Wire>>().results, [])
  t.same((await list(bob.headers)).json(), FORBIDDEN)
  t.same((await list(helper.headers)).json(), FORBIDDEN, 'the staff are no admins')
  t.same((await list()).json(), UNAUTHENTICATED)
  for (const id of [999_999, '0', 'x']) t.same((await list(admin, '', id)).json(), NOT_FOUND)

  const { etag } = (await user(grace.id)).headers
  await ask('PATCH', `/api/v2/tag/${open.id}/`, { name: 'opened' }, admin)
  t.same(await tagsOf(grace.id), ['opened'], 'a tag that changes changes wherever it is shown')
  t.not((await user(grace.id)).headers.etag, etag)
  await ask('PATCH', `/api/v2/tag/${open.id}/`, { visible: false }, admin)
  t.same(await tagsOf(grace.id), [])
  t.equal(stateOf(grace.id).version, version, 'and is no edit of the person')
})

t.test('GET /tag/user/', async (t) => {
  const tag = await create('Crowd')
  const names = ['zoe', 'Émile', 'emil', 'Anna', 'ökonom', 'Oz', 'bert']
  const people: { id: number, username: string, real_name: string }[] = []
  for (const [i, name] of names.entries()) {
    // In every other place is somebody who is not there.
    const gone = await core.users.create(OPERATOR, { username: `gone${i}`, realName: name }, { family: 'operator' })
    await tell('add', tag, gone.id)
    await core.deletion.hide(OPERATOR, gone.id, () => {}, { family: 'operator' })
    const { id } = await core.users.create(OPERATOR, { username: `p${(i * 3) % 7}${i % 2 ? 'X' : 'y'}`, realName: name, bio: 'hers', email: `${i}@example.com` }, { family: 'operator' })
    await tell('add', tag, id)
    people.push((await user(id, admin)).json())
  }

  const list = async (query: string) => (await ask('GET', `/api/v2/tag/user/?${query}`, undefined, admin)).json<Page<typeof people[number]>>()
  t.same(await list(`tag_id=${tag.id}`), { count: 7, next: null, previous: null, results: people }, 'as an admin sees them, by id')
  t.same(await list('tag_name=cROWD'), await list(`tag_id=${tag.id}`))
  const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const keys = { id: ({ id }: typeof people[number]) => id, username: ({ username }: typeof people[number]) => plain(username), real_name: ({ real_name: name }: typeof people[number]) => plain(name) }
  for (const [name, key] of Object.entries(keys)) {
    const up = people.toSorted((a, b) => key(a) < key(b) ? -1 : 1).map(({ id }) => id)
    t.same((await list(`tag_id=${tag.id}&ordering=${name}`)).results.map(({ id }) => id), up, name)
    t.same((await list(`tag_id=${tag.id}&ordering=-${name}`)).results.map(({ id }) => id), up.toReversed(), `-${name}`)
    t.same((await list(`tag_id=${tag.id}&ordering=${name}&limit=3&offset=2`)).results.map(({ id }) => id), up.slice(2, 5), `${name}, a page`)
  }
  for (const ordering of ['order', 'email', '']) t.same((await list(`tag_id=${tag.id}&ordering=${ordering}`)).results, people, ordering)
  const page = await list(`tag_name=Crowd&limit=2&offset=2`)
  t.same(page.results, people.slice(2, 4))
  t.match(page.next, /\?limit=2&offset=4&tag_name=Crowd$/)
  t.same((await list(`tag_id=${(await create('nobodys')).id}`)), { count: 0, next: null, previous: null, results: [] })

  const exactly = whole('invalid', 'Send exactly one of tag_id, tag_name.')
  for (const query of ['', 'tag_id=', `tag_id=${tag.id}&tag_name=Crowd`]) t.same(await list(query), exactly, query)
  for (const query of ['tag_id=999999', 'tag_id=x', 'tag_id=01', 'tag_name=unheard%20of', 'tag_name=%00']) t.same(await list(query), NOT_FOUND, query)
})

t.test('tags stay while somebody can come back, and go with the account', async (t) => {
  const tag = await create('leaving')
  const { id } = await signUp(world, 'leaver')
  await tell('add', tag, id)
  await ask('DELETE', `/api/v2/user/${id}/`, undefined, admin)
  t.same(taggings(id), [tag.id])
  t.same((await ask('GET', `/api/v2/user/${id}/tags/`, undefined, admin)).json(), NOT_FOUND)
  t.equal((await tell('remove', tag, id)).json<{ errors: { field: string }[] }>().errors[0]?.field, 'user', 'who is hidden is nobody')
  await core.deletion.restore(OPERATOR, id, { family: 'operator' })
  t.same(await tagsOf(id), ['leaving'])
  await ask('DELETE', `/api/v2/user/${id}/?hard=1`, undefined, admin)
  t.same(taggings(id), [])
  t.match((await ask('GET', `/api/v2/tag/${tag.id}/`, undefined, admin)).json(), { name: 'leaving' }, 'the tag itself stays')
})
