import t from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import type { Person } from '../helper.ts'
import { seeded } from '../seeded.ts'
import { createWorld, faultsOf } from './world.ts'
import type { Answer } from './world.ts'

interface List { items: ({ id: number } & Record<string, unknown>)[], next: string | null, total?: number }
const listIn = ({ body }: Answer) => body as unknown as List
const idsIn = (answer: Answer): number[] => listIn(answer).items.map(({ id }) => id)

t.test('people are found by the names of their fields, and no filter is ignored', async (t) => {
  const world = await createWorld(t)
  const { ada, grace, hedy, send, core, app } = world
  await core.profileFields.declare(OPERATOR, { key: 'shoe_size', type: 'integer' })
  await core.profileFields.declare(OPERATOR, { key: 'is_left', type: 'checkbox' })
  const group = await core.groups.create(OPERATOR, { name: 'Crew' })
  const tag = await core.tags.create(OPERATOR, { name: 'author' })
  await core.tags.give(OPERATOR, { tagId: tag.id, userId: ada.id }, { family: 'test' })
  await core.users.edit(OPERATOR, ada.id, { firstName: 'Ada', location: 'London', groups: [group.id], locationLatLng: '51.5,-0.1', extId: 'x-1', attributes: { shoe_size: 42, is_left: true } }, { family: 'test' })
  await core.users.edit(OPERATOR, grace.id, { gender: 'female', locationLatLng: '0,0' }, { family: 'test' })
  const day = new Date().toISOString().slice(0, 10)
  const all = [ada.id, grace.id, hedy.id]
  const cases: [query: string, ids: number[]][] = [
    ['', all], ['order=-username', [hedy.id, grace.id, ada.id]], ['isStaff=true', [grace.id]], ['isAdmin=no&isActive=1', [ada.id, grace.id]], ['firstName=Ada', [ada.id]], ['firstName=', [grace.id, hedy.id]],
    ['email=ADA@example.com', [ada.id]], ['gender=female', [grace.id]], ['role=', all], [`id=${ada.id}`, [ada.id]], ['extId=x-1', [ada.id]], [`group=${group.id}`, [ada.id]], ['group=99', []], [`tag=${tag.id}`, [ada.id]],
    ['attributes.shoe_size=42', [ada.id]], ['attributes.shoe_size=', [grace.id, hedy.id]], ['attributes.is_left=yes', [ada.id]], ['near=51.6,-0.1,50km', [ada.id]], ['near=51.6,-0.1,20000km&order=-distance', [grace.id, ada.id]], ['isOnline=true', all],
    [`createdAt=${day}/..`, all], [`createdAt=../${day}`, []], ['createdAt=2020-01-01T00:00:00Z/2021-01-01T00:00:00.5%2B01:00', []], ['lastLoginAt=../2020-01-01', []], ['q=lond', [ada.id]], ['isStaff=false&isStaff=true', [grace.id]], ['q=ada&limit=1', [ada.id]],
  ]
  // Whoever asks is online.
  for (const who of [ada, grace, hedy]) await send(who, 'GET', '/me')
  for (const [query, ids] of cases) t.match(await send(hedy, 'GET', `/people?count=exact&${query}`).then((answer) => ({ ...answer, ids: idsIn(answer) })), { status: 200, ids, body: { total: ids.length, next: null } }, query)

  const first = await app.inject({ url: `/v1/people/?limit=2&fields=username,email&order=username`, headers: ada.headers })
  t.same(first.json<List>().items, [{ username: 'ada', email: 'ada@example.com' }, { username: 'grace', email: null }], 'each as the asker may see them, and no more than was asked for')
  t.equal(first.json<List>().total, undefined, 'nobody counts who was not asked to')
  const next = String(first.json<List>().next)
  t.equal(first.headers.link, `<http://127.0.0.1:3000/v1/people/?limit=2&fields=username%2Cemail&order=username&after=${next}>; rel="next"`)
  t.match((await app.inject({ url: String(first.headers.link).slice('<http://127.0.0.1:3000'.length).split('>')[0] as string, headers: ada.headers })).json(), { items: [{ username: 'hedy', email: null }], next: null })
  t.match((await send(ada, 'GET', '/people?limit=1')).body, { items: [{ id: ada.id, hidden: [], attributes: { shoe_size: 42 }, groups: [{ name: 'Crew' }] }] }, 'a person is as they are by themselves')
  t.same(listIn(await send(ada, 'GET', '/people')).items[1], (await send(ada, 'GET', `/people/${grace.id}`)).body)

  const wrong: [query: string, faults: string[]][] = [
    ['isActve=true&x=1&attributes.shoesize=42&attributes.*=1', ['attributes.* unknown_field', 'attributes.shoesize unknown_field', 'isActve unknown_field', 'x unknown_field']],
    ['isActive=maybe&isStaff=&isOnline=2', ['isActive invalid_boolean', 'isOnline invalid_boolean', 'isStaff invalid_boolean']],
    ['id=01&group=x&tag=-1', ['group invalid_integer', 'id invalid_integer', 'tag invalid_integer']],
    ['gender=frog&role=king', ['gender invalid_choice', 'role invalid_choice']],
    ['near=51,0&limit=0', ['limit min_value', 'near invalid_value']], ['near=91,0,5km', ['near invalid_value']], ['near=1,0,0km', ['near invalid_value']], ['near=', ['near invalid_value']],
    ['createdAt=2020-01-01', ['createdAt invalid_value']], ['createdAt=../..', ['createdAt invalid_value']], ['updatedAt=2026-02-30/..', ['updatedAt invalid_value']], ['lastLoginAt=a/b', ['lastLoginAt invalid_value']],
    ['order=bio,-username,username', ['order invalid_choice', 'order invalid_choice']], ['order=distance', ['order invalid_choice']], ['order=', ['order invalid_choice']],
    ['attributes.shoe_size=big&attributes.is_left=maybe', ['attributes.is_left invalid_boolean', 'attributes.shoe_size invalid_integer']],
    ['fields=bio,secret&count=some&limit=101&after=', ['after invalid_cursor', 'count invalid_choice', 'fields invalid_choice', 'limit max_value']], ['limit=1.5', ['limit invalid_integer']], ['limit=', ['limit invalid_integer']], ['dryRun=true', ['dryRun invalid_value']],
  ]
  for (const [query, faults] of wrong) {
    const answer = await send(hedy, 'GET', `/people?${query}`)
    t.equal(answer.status, 400, query)
    t.same(faultsOf(answer).sort(), faults, query)
  }
  t.match((await send(hedy, 'GET', '/people?isActve=true&attributes.shoesize=42')).text, /Did you mean isActive\?.*Did you mean attributes\.shoe_size\?/, 'with the nearest name')
})

t.test('who differs in nothing that the asker sees is found by the same questions', async (t) => {
  const { ada, send, core } = await createWorld(t)
  await core.profileFields.declare(OPERATOR, { key: 'badge', type: 'string', read: 'self', isSearchable: true })
  await core.profileFields.declare(OPERATOR, { key: 'nickname', type: 'string', isSearchable: true })
  const group = await core.groups.create(OPERATOR, { name: 'Crew' })
  const random = seeded(7)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const texts = ['zug', 'Zürich', 'badger', '']
  const secrets = () => ({
    email: pick(['', `secret-${Math.floor(random() * 1e6)}@example.com`]), phone: pick([null, '+41 44 555 01 57']), firstName: pick(texts), lastName: pick(texts), realName: pick(texts), location: pick(texts),
    positionLatLng: pick(['', '47.4,8.5']), groups: pick([[], [group.id]]), isStaff: pick([true, false]), attributes: { badge: pick(texts), nickname: pick(texts) },
  })
  const { account } = { account: await core.users.create(OPERATOR, { username: 'somebody', attributes: {} }, { family: 'test' }) }
  const narrowed = { realName: 'self', location: 'self', 'attributes.nickname': 'self' } as const
  await core.db.write((tx) => tx.users.update(account.id, { visibility: narrowed }))
  const questions = [
    'isStaff=true', 'isStaff=false', 'isAdmin=false', 'firstName=zug', 'firstName=', 'lastName=Z%C3%BCrich', 'realName=zug', 'realName=', 'location=badger', 'phone=%2B41445550157', 'phone=', 'email=', `group=${group.id}`, 'near=47,8,500km', 'near=47,8,500km&order=distance',
    'attributes.badge=badger', 'attributes.badge=', 'attributes.nickname=zug', 'attributes.nickname=', 'q=zug', 'q=badger', 'q=secret', 'q=0157', 'order=realName', 'order=-email', 'order=firstName,-lastName', 'order=-location', 'isOnline=true',
    'lastLoginAt=2020-01-01/..', 'updatedAt=2020-01-01/..', 'order=lastLoginAt', 'order=-updatedAt',
  ]
  /** Everything that the lists say of somebody, down to how long a cursor is. */
  const asked = async () => {
    const said: string[] = []
    for (const question of questions) {
      const { status, body } = await send(ada, 'GET', `/people?count=exact&limit=2&${question}`)
      said.push(JSON.stringify([question, status, body], (key, value: unknown) => ['version', 'updatedAt', 'lastSeenAt'].includes(key) ? undefined : key === 'next' && typeof value === 'string' ? value.length : value))
    }
    return said
  }
  const before = await asked()
  for (let i = 0; i < 20; i++) {
    const { groups, attributes, ...columns } = secrets()
    await core.db.write(async (tx) => {
      await tx.users.replaceGroups(account.id, groups)
      await tx.users.update(account.id, { ...columns, email: columns.email || null, attributes: Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== '')), lastLoginAt: pick([null, 1, Date.now()]), lastSeenAt: pick([null, Date.now()]) })
    })
    t.same(await asked(), before, JSON.stringify([groups, attributes, columns]))
  }
})

const shared = await createWorld(t)

t.test('groups and their members', async (t) => {
  const { ada, grace, hedy, send, stored, core } = shared
  const dry = async (who: Person, method: 'POST' | 'PATCH' | 'DELETE' | 'PUT', path: string, body?: object, headers?: Record<string, string>) => {
    const before = stored()
    const answer = await send(who, method, `${path}?dryRun=true`, body, headers)
    t.equal(stored(), before, `${method} ${path} leaves nothing`)
    return answer
  }
  t.match(await dry(grace, 'POST', '/groups', { name: 'Crew' }), { status: 200, body: { name: 'Crew', membersCount: 0, dryRun: true, changes: { name: { from: null, to: 'Crew' } } } })
  const made = await send(grace, 'POST', '/groups', { name: 'Crew', notes: 'They sail.' })
  t.match(made, { status: 201, body: { name: 'Crew', notes: 'They sail.', membersCount: 0, createdAt: /^\d{4}-.*\.\d{3}Z$/ } })
  const path = `/groups/${String(made.body.id)}`
  for (const [method, url, body, faults] of [['POST', '/groups', { name: 'CREW' }, ['name group_taken']], ['POST', '/groups', { nmae: 'x', notes: [] }, ['name required', 'nmae unknown_field', 'notes not_a_string']], ['PATCH', path, { name: '' }, ['name blank']]] as const) {
    t.same(faultsOf(await dry(grace, method, url, body)).sort(), faults)
    t.same(faultsOf(await send(grace, method, url, body)).sort(), faults)
  }
  t.match(await dry(grace, 'PATCH', path, { notes: 'They row.', name: 'Crew' }), { status: 200, body: { notes: 'They row.', dryRun: true, changes: { notes: { from: 'They sail.', to: 'They row.' } } } })
  t.match(await send(grace, 'PATCH', path, { notes: 'They row.' }), { status: 200, body: { notes: 'They row.', name: 'Crew', dryRun: undefined } })

  const add = { ids: [ada.id, grace.id, ada.id] }
  t.match(await dry(grace, 'POST', `${path}/members`, add), { status: 200, body: { group: { membersCount: 2 }, changed: [ada.id, grace.id], dryRun: true } })
  t.match(await send(grace, 'POST', `${path}/members`, add), { status: 200, body: { group: { membersCount: 2 }, changed: [ada.id, grace.id], dryRun: undefined } })
  t.match(await send(ada, 'GET', '/me'), { etag: /^"2-/, body: { groups: [{ name: 'Crew' }] } }, 'with another version')
  t.match((await core.db.write((tx) => tx.changes.list(ada.id))).at(-1), { actorId: grace.id, family: 'native', address: '127.0.0.1', fields: ['groups'], version: 2 }, 'and in the log')
  t.match(await send(grace, 'POST', `${path}/members`, add), { status: 200, body: { group: { membersCount: 2 }, changed: [] } }, 'again: nothing new, nothing written')
  t.match(await send(ada, 'GET', '/me'), { etag: /^"2-/ })
  for (const [who, body, status, faults] of [
    [grace, { ids: [ada.id, 99, hedy.id, 98] }, 403, ['ids does_not_exist', 'ids field_forbidden admin', 'ids does_not_exist']], [grace, { ids: [99] }, 400, ['ids does_not_exist']], [grace, {}, 400, ['ids required']],
    [grace, { ids: 'x' }, 400, ['ids not_a_list']], [grace, { ids: [0] }, 400, ['ids does_not_exist']], [hedy, { ids: Array.from({ length: 201 }, (_, i) => i + 1) }, 400, ['ids invalid_value']],
  ] as const) {
    for (const method of ['POST', 'DELETE'] as const) {
      const answer = await send(who, method, `${path}/members`, body)
      t.match([answer.status, faultsOf(answer)], [status, faults], JSON.stringify(body).slice(0, 60))
    }
  }
  t.match(listIn(await send(grace, 'GET', `${path}/members?fields=username&count=exact&limit=1`)), { items: [{ username: 'ada' }], next: /./, total: 2 })
  t.same(faultsOf(await send(grace, 'GET', `${path}/members?isActive=true`)), ['isActive unknown_field'])
  t.match(await send(hedy, 'POST', `${path}/members`, { ids: [hedy.id] }), { status: 200, body: { group: { membersCount: 3 } } })
  t.match(await dry(grace, 'DELETE', `${path}/members`, { ids: [ada.id] }), { status: 200, body: { group: { membersCount: 2 }, changed: [ada.id] } })
  t.match(await send(grace, 'DELETE', `${path}/members`, { ids: [ada.id, grace.id] }), { status: 200, body: { group: { membersCount: 1 }, changed: [ada.id, grace.id] } })
  t.same(idsIn(await send(grace, 'GET', `${path}/members`)), [hedy.id])
  t.equal((await send(grace, 'GET', '/groups/99/members')).status, 404)

  for (const name of ['Ärzte', 'Zug']) await send(grace, 'POST', '/groups', { name })
  t.match(listIn(await send(grace, 'GET', '/groups?limit=1&count=exact')), { items: [{ name: 'Crew', membersCount: 1 }], next: /./, total: 3 })
  t.match(listIn(await send(grace, 'GET', '/groups?q=arz&count=exact')), { items: [{ name: 'Ärzte' }], next: null, total: 1 })
  t.same(faultsOf(await send(grace, 'GET', '/groups?name=Zug')), ['name unknown_field'])
  t.match(await dry(grace, 'DELETE', path), { status: 200, body: { name: 'Crew', membersCount: 1, dryRun: true } })
  t.equal((await send(grace, 'DELETE', path)).status, 204)
  t.equal((await dry(grace, 'DELETE', path)).status, 404)
  t.equal((await send(grace, 'GET', path)).status, 404)
})

t.test('tags, and who is given them', async (t) => {
  const { ada, grace, hedy, send, stored } = shared
  const dry = async (method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, body?: object) => {
    const before = stored()
    const answer = await send(hedy, method, `${path}?dryRun=true`, body)
    t.equal(stored(), before, `${method} ${path} leaves nothing`)
    return answer
  }
  t.match(await dry('POST', '/tags', { name: 'author' }), { status: 200, body: { name: 'author', type: 'user', dryRun: true } })
  const made = await send(hedy, 'POST', '/tags', { name: 'author', color: '#123456' })
  t.match(made, { status: 201, body: { name: 'author', color: '#123456', isVisible: true, isActive: true, description: null } })
  const { id } = made.body as { id: number }
  t.same(faultsOf(await dry('POST', '/tags', { name: 'AUTHOR' })), ['name tag_taken'])
  t.same(faultsOf(await send(hedy, 'PATCH', `/tags/${id}`, { colour: '#000000', type: 'frog' })).sort(), ['colour unknown_field', 'type invalid_choice'])
  t.match(await dry('PATCH', `/tags/${id}`, { isVisible: false }), { status: 200, body: { isVisible: false, changes: { isVisible: { from: true, to: false } } } })

  const gift = `/people/${ada.id}/tags/${id}`
  t.match(await dry('PUT', gift), { status: 200, body: { tags: [{ name: 'author' }], changes: { tags: { from: [], to: [{ name: 'author' }] } } } })
  t.match(await send(hedy, 'PUT', gift, undefined, { 'if-match': '"9"' }), { status: 412 })
  t.match(await send(hedy, 'PUT', gift, undefined, { 'if-match': String((await send(hedy, 'GET', `/people/${ada.id}`)).etag) }), { status: 200, etag: /^"4-/, body: { tags: [{ name: 'author' }] } })
  t.match(await send(hedy, 'PUT', gift), { status: 200, etag: /^"4-/ }, 'what is so already stays untouched')
  t.same(idsIn(await send(ada, 'GET', `/people?tag=${id}`)), [ada.id])
  t.same(faultsOf(await send(hedy, 'PATCH', `/tags/${id}`, { type: 'category' })), ['type tag_type'])
  t.match(await send(hedy, 'PATCH', `/tags/${id}`, { isVisible: false }), { status: 200, body: { isVisible: false } })
  t.same(idsIn(await send(grace, 'GET', '/tags')), [], 'only admins see what is hidden')
  t.match(listIn(await send(hedy, 'GET', '/tags?count=exact&isVisible=false&q=AUTH&type=user')), { items: [{ id, isVisible: false }], next: null, total: 1 })
  t.match(listIn(await send(grace, 'GET', '/tags?count=exact&isVisible=false')), { items: [], total: 0 })
  t.same(faultsOf(await send(hedy, 'GET', '/tags?type=frog&isActive=x&visible=true')).sort(), ['isActive invalid_boolean', 'type invalid_choice', 'visible unknown_field'])
  t.match(await dry('DELETE', gift), { status: 200, body: { tags: [], changes: { tags: { to: [] } } } })
  t.match(await send(hedy, 'DELETE', gift), { status: 200, etag: /^"5-/, body: { tags: [] } })
  t.equal((await send(hedy, 'PUT', `/people/${ada.id}/tags/99`)).status, 404)
})

t.test('a cursor of another filter, order, caller or list is none', async (t) => {
  const { ada, grace, hedy, send, core } = shared
  const made = await Promise.all(['A', 'B', 'C'].map((name) => core.groups.create(OPERATOR, { name })))
  const { next } = listIn(await send(grace, 'GET', '/people?limit=1&isActive=true&order=username'))
  const groups = listIn(await send(grace, 'GET', '/groups?limit=1')).next
  const after = (cursor: string | null) => encodeURIComponent(String(cursor))
  t.equal((await send(grace, 'GET', `/people?limit=2&isActive=true&order=username&after=${after(next)}&fields=id&count=exact`)).status, 200, 'a page may be of another size, and show less')
  const cases: [who: Person, path: string][] = [
    [grace, `/people?limit=1&isActive=false&order=username&after=${after(next)}`], [grace, `/people?limit=1&order=username&after=${after(next)}`], [grace, `/people?limit=1&isActive=true&order=-username&after=${after(next)}`],
    [grace, `/people?limit=1&isActive=true&order=username&q=a&after=${after(next)}`], [hedy, `/people?limit=1&isActive=true&order=username&after=${after(next)}`], [ada, `/people?limit=1&isActive=true&order=username&after=${after(next)}`],
    [grace, `/groups?after=${after(next)}`], [grace, `/groups?q=a&after=${after(groups)}`], [hedy, `/groups?after=${after(groups)}`], [grace, `/tags?after=${after(groups)}`], [grace, `/groups/${made[0]?.id}/members?after=${after(groups)}`], [grace, `/invitations?after=${after(groups)}`],
  ]
  for (const [who, path] of cases) t.same(faultsOf(await send(who, 'GET', path)), ['after invalid_cursor'], path)
})

t.test('the other lists have the same form, and limits are told in words of the family', async (t) => {
  const { ada, grace, hedy, send, app } = await createWorld(t, { passwordMin: 12, publicDirectory: true })
  for (const name of ['a', 'b', 'c']) await send(grace, 'POST', '/invitations', { email: `${name}@new.example` })
  const first = listIn(await send(hedy, 'GET', '/invitations?limit=2&count=exact'))
  t.match(first, { items: [{ email: 'a@new.example' }, { email: 'b@new.example' }], next: /./, total: 3 })
  t.match(listIn(await send(hedy, 'GET', `/invitations?limit=2&after=${first.next}`)), { items: [{ email: 'c@new.example' }], next: null })
  t.same(faultsOf(await send(hedy, 'GET', '/invitations?email=a')), ['email unknown_field'])

  t.match(listIn(await send(null, 'GET', '/people?limit=1')), { items: [{ username: 'ada', email: null }] }, 'where the operator lets everybody search')
  const limits = await app.inject('/v1/limits')
  t.equal(limits.headers['cache-control'], 'public, max-age=300')
  const told = (await app.inject('/api/limits/')).json<{ pictures: { avatar: { max_bytes: number, formats: object, animated: object } }, texts: { native: object }, page: object }>()
  t.match(limits.json(), { avatarsKept: 20, texts: { ...told.texts.native }, password: { min: 12, max: 128 }, page: { ...told.page }, members: 200, pictures: { avatar: { maxBytes: told.pictures.avatar.max_bytes } } })
  const snake = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replace(/"(\w+)":/g, (_, key: string) => `"${key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}":`))
  t.same(snake(limits.json<{ pictures: object }>().pictures), told.pictures, 'the same numbers')
  t.equal((await send(ada, 'GET', '/people')).status, 200)
})
