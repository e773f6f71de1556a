import t from 'tap'
import { actingAs } from '../../src/core/access.ts'
import type { Tag } from '../../src/core/directory/tags.ts'
import { createWorld, encodings, findings, FORBIDDEN, NOT_FOUND, REQUIRED, UNAUTHENTICATED } from './world.ts'

/* CONTRACT §2.2 (Tag) and §2.6: /tag/…. */
const world = await createWorld(t)
const { ask, core, admin, ada, keys } = world

interface Wire { id: number, name: string, type: string, description: string | null, created_at: string, active: boolean, visible: boolean, visibility_boost: boolean }
interface Page { count: number, next: string | null, previous: string | null, results: Wire[] }

const create = async (body: object) => (await ask('POST', '/api/v2/tag/', body, admin)).json<Wire>()
const row = (id: number) => core.db.read.tags.find(id)
const CREATED = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/

t.test('the life of a tag', async (t) => {
  const response = await ask('POST', '/api/v2/tag/', { name: '  Pioneer ', id: 77, deleted: true, created_at: 'never' }, admin)
  t.equal(response.statusCode, 201)
  const born = response.json<Wire>()
  t.match(born.created_at, CREATED)
  t.same(born, { id: born.id, active: true, name: 'Pioneer', type: 'user', description: null, color: '#808080', visible: true, visibility_boost: false, created_at: born.created_at, deleted: false })
  t.not(born.id, 77)

  const whole = { active: false, name: 'Räuber', type: 'category', description: 'Hotzenplotz', color: '#A0b1C2', visible: false, visibility_boost: true }
  const made = await create(whole)
  t.match(made, { ...whole, deleted: false })

  const url = `/api/v2/tag/${made.id}`
  for (const form of [url, `${url}/`]) t.same((await ask('GET', form, undefined, admin)).json(), made)
  t.same((await ask('PATCH', `${url}/`, { active: true }, admin)).json(), { ...made, active: true })
  t.same((await ask('PUT', `${url}/`, { name: 'Räuberin' }, admin)).json(), { ...made, active: true, name: 'Räuberin' }, 'PUT keeps what it does not name')
  t.same((await ask('PATCH', `${url}/`, undefined, admin)).json(), { ...made, active: true, name: 'Räuberin' }, 'nothing is no change')
  t.same((await ask('PATCH', `${url}/`, { ...made }, admin)).json(), made, 'a whole object can be sent back')
  for (const gone of ['/api/v2/tag/999999/', '/api/v2/tag/01/', '/api/v2/tag/category/', '/api/v2/tag/contribution/?tag_id=1', '/api/v2/tag/user/search/']) {
    const response = await ask('GET', gone, undefined, admin)
    t.equal(response.statusCode, 404, gone)
    t.same(response.json(), NOT_FOUND)
  }
  t.equal((await ask('DELETE', `${url}/`, undefined, admin)).statusCode, 405)
})

t.test('the update law: what is named is written, and nothing else', async (t) => {
  const { id } = await create({ name: 'law', description: 'd', color: '#111111' })
  const texts: [name: string, sent: string, column: keyof Tag, stored: unknown][] = [
    ['name', 'law & order', 'name', 'law & order'],
    ['type', 'contribution', 'type', 'contribution'],
    ['description', 'Élan', 'description', 'Élan'],
    ['description', '', 'description', null],
    ['color', '#ffeedd', 'color', '#ffeedd'],
    ['active', 'False', 'isActive', false],
    ['visible', 'no', 'isVisible', false],
    ['visibility_boost', 'on', 'visibilityBoost', true],
  ]
  const start = await row(id) as Tag
  let written = 0
  for (const [name, sent, column, stored] of texts) {
    for (const [encoding, { payload, headers }] of encodings({ [name]: sent })) {
      await core.db.write((tx) => tx.tags.update(id, start))
      const response = await world.app.inject({ method: 'PATCH', url: `/api/v2/tag/${id}/`, payload, headers: { ...admin, ...headers } })
      t.equal(response.statusCode, 200, response.body)
      t.same(await row(id), { ...start, [column]: stored }, `${name}=${sent} as ${encoding}`)
      written++
    }
  }
  t.equal(written, texts.length * 3)
  await core.db.write((tx) => tx.tags.update(id, start))
  t.match((await ask('PATCH', `/api/v2/tag/${id}/`, { description: null, visible: false }, admin)).json(), { description: null, visible: false })
  t.same(await row(id), { ...start, description: null, isVisible: false })
})

t.test('what a tag may hold', async (t) => {
  const { id } = await create({ name: 'kept', description: 'kept' })
  const before = await row(id)
  const LONG = (limit: number) => `Ensure this field has no more than ${limit} characters.`
  const COLOR = findings(['color', 'invalid', 'Enter a valid value.'])
  const cases: [object, object][] = [
    [{ name: '' }, findings(['name', 'blank', 'This field may not be blank.'])],
    [{ name: '   ' }, findings(['name', 'blank', 'This field may not be blank.'])],
    [{ name: null }, findings(['name', 'null', 'This field may not be null.'])],
    [{ name: ['a'] }, findings(['name', 'invalid', 'Not a valid string.'])],
    [{ name: 'x'.repeat(65) }, findings(['name', 'max_length', LONG(64), { limit: 64, found: 65 }])],
    [{ type: 'group' }, findings(['type', 'invalid_choice', '"group" is not a valid choice.'])],
    [{ type: null }, findings(['type', 'null', 'This field may not be null.'])],
    [{ description: 'x'.repeat(501) }, findings(['description', 'max_length', LONG(500), { limit: 500, found: 501 }])],
    [{ color: 'red' }, COLOR],
    [{ color: '#12345' }, COLOR],
    [{ color: '#12345g' }, COLOR],
    [{ color: '#1234567' }, COLOR],
    [{ color: null }, findings(['color', 'null', 'This field may not be null.'])],
    [{ active: 'maybe' }, findings(['active', 'invalid', 'Must be a valid boolean.'])],
    [{ visible: null }, findings(['visible', 'null', 'This field may not be null.'])],
    [{ visibility_boost: 2 }, findings(['visibility_boost', 'invalid', 'Must be a valid boolean.'])],
    [{ color: 'red', type: 'x', name: 'PIONEER' }, findings(['name', 'unique', TAKEN], ['type', 'invalid_choice', '"x" is not a valid choice.'], ['color', 'invalid', 'Enter a valid value.'])],
  ]
  for (const [body, expected] of cases) {
    const response = await ask('PATCH', `/api/v2/tag/${id}/`, body, admin)
    t.equal(response.statusCode, 400, JSON.stringify(body))
    t.same(response.json(), expected, JSON.stringify(body))
    const born = await ask('POST', '/api/v2/tag/', { name: 'new', ...body }, admin)
    t.same(born.json(), expected, `POST ${JSON.stringify(body)}`)
  }
  t.same(await row(id), before)
  for (const body of [{}, { type: 'user' }]) {
    t.same((await ask('POST', '/api/v2/tag/', body, admin)).json(), findings(['name', 'required', REQUIRED]))
    t.same((await ask('PUT', `/api/v2/tag/${id}/`, body, admin)).json(), findings(['name', 'required', REQUIRED]))
  }
  t.same((await ask('PATCH', `/api/v2/tag/${id}/`, { name: '🏴'.repeat(64), description: '🏴'.repeat(500) }, admin)).statusCode, 200, 'lengths are in code points')
})

const TAKEN = 'tag with this type and name already exists.'

t.test('name and type together are unique, whatever the case', async (t) => {
  const first = await create({ name: 'Only', type: 'user' })
  t.ok((await create({ name: 'Only', type: 'category' })).id, 'of another type it is another tag')
  const other = await create({ name: 'Other', type: 'user' })
  const refused = findings(['name', 'unique', TAKEN])
  t.same(await create({ name: 'oNLY' }), refused)
  t.same((await ask('PATCH', `/api/v2/tag/${other.id}/`, { name: 'ONLY' }, admin)).json(), refused)
  t.same((await ask('PATCH', `/api/v2/tag/${first.id}/`, { type: 'category' }, admin)).json(), refused, 'also when it is the type that changes')
  t.match((await ask('PATCH', `/api/v2/tag/${first.id}/`, { name: 'ONLY' }, admin)).json(), { name: 'ONLY' }, 'its own name is free')

  const racing = await Promise.all(['race', 'RACE', 'Race'].map((name) => ask('POST', '/api/v2/tag/', { name }, admin)))
  t.same(racing.map(({ statusCode }) => statusCode).sort(), [201, 400, 400])
})

t.test('who may do what', async (t) => {
  const { id } = await create({ name: 'guarded' })
  const before = await row(id)
  const calls: ['GET' | 'POST' | 'PUT' | 'PATCH', string, object?][] = [
    ['POST', '/api/v2/tag/', { name: 'x' }], ['GET', '/api/v2/tag/search/'], ['GET', `/api/v2/tag/user/?tag_id=${id}`], ['GET', `/api/v2/tag/${id}/`], ['GET', '/api/v2/tag/999999/'],
    ['PUT', `/api/v2/tag/${id}/`, { name: 'x' }], ['PATCH', `/api/v2/tag/${id}/`, {}], ...['assign', 'add', 'remove'].map((verb): ['POST', string, object] => ['POST', `/api/v2/tag/${id}/${verb}/`, { user: ada.id }]),
  ]
  for (const [method, url, body] of calls) {
    t.same((await ask(method, url, body)).json(), UNAUTHENTICATED, `${method} ${url}`)
    for (const headers of [ada.headers, keys.helper]) {
      const response = await ask(method, url, body, headers)
      t.equal(response.statusCode, 403, `${method} ${url}`)
      t.same(response.json(), FORBIDDEN)
    }
  }
  t.same((await ask('GET', '/api/v2/tag/')).json(), UNAUTHENTICATED)
  t.same(await row(id), before)

  const former = actingAs({ id: ada.id, isStaff: true, isAdmin: true })
  await t.rejects(core.tags.create(former, { name: 'late' }), { code: 'permission_denied' }, 'a right that was lost on the way is lost')
  await t.rejects(core.tags.edit(former, id, { name: 'late' }), { code: 'permission_denied' })
  await t.rejects(core.tags.give(former, { tagId: id, userId: ada.id }, { family: 'test' }), { code: 'permission_denied' })
  await t.rejects(core.tags.take(former, { tagId: id, userId: 999_999 }, { family: 'test' }), { code: 'permission_denied' })
})

t.test('lists: every filter and every ordering as a plain filter finds it', async (t) => {
  const words = ['Ärger', 'arg', 'Zürich', 'zurich west', 'ﬁnance', 'Finanz', 'naïve', 'NAIVE 2', '100%', 'a_b', 'ΣΟΦΟΣ', 'straße']
  const types = ['user', 'category', 'contribution'] as const
  for (let i = 0; i < 60; i++) {
    await core.db.write((tx) => tx.tags.insert({
      type: types[i % 3] as Tag['type'], name: `${words[i % words.length]} ${i}`, description: i % 4 === 0 ? null : `About ${words[(i * 7) % words.length]}`, color: '#000000',
      isActive: i % 5 !== 0, isVisible: i % 7 !== 0, visibilityBoost: i % 2 === 0, createdAt: 1_700_000_000_000 + (i % 11) * 1_000,
    }))
  }
  const all = async (query: string, headers = admin, path = 'search/') => {
    const found: Wire[] = []
    let next: string | null = `/api/v2/tag/${path}?${query}&limit=40`
    let count = 0
    while (next !== null) {
      const response: Page = (await ask('GET', next.replace(/^https?:\/\/[^/]+/, ''), undefined, headers)).json<Page>()
      found.push(...response.results)
      count = response.count
      next = response.next
    }
    t.equal(found.length, count, `${query}: the count is exact`)
    return found
  }
  const everything = await all('ordering=id')
  t.ok(everything.length >= 60)
  t.same(everything.map(({ id }) => id), everything.map(({ id }) => id).sort((a, b) => a - b))

  const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase().toLowerCase().replaceAll('ς', 'σ')
  const holds = (tag: Wire, search: string) => [tag.name, tag.description ?? ''].some((text) => plain(text).includes(plain(search)))
  const flags: [string, boolean | undefined][] = [['', undefined], ['true', true], ['0', false]]
  let cells = 0
  const wrong: string[] = []
  for (const search of ['', 'arg', 'ZÜRICH', 'fi', 'naive', '%', '_', 'σοφος', 'STRASSE', 'about', 'nothing at all', 'About 1']) {
    for (const type of ['', ...types]) {
      for (const [active, isActive] of flags) {
        for (const [visible, isVisible] of flags) {
          const [boost, isBoost] = flags[cells % 3] as [string, boolean | undefined]
          const query = new URLSearchParams({ search, type, active, visible, visibility_boost: boost, ordering: 'id' }).toString()
          const expected = everything.filter((tag) => (search === '' || holds(tag, search)) && (type === '' || tag.type === type) &&
            [[isActive, tag.active], [isVisible, tag.visible], [isBoost, tag.visibility_boost]].every(([wanted, is]) => wanted === undefined || wanted === is))
          if (JSON.stringify(await all(query)) !== JSON.stringify(expected)) wrong.push(query)
          cells++
        }
      }
    }
  }
  t.same(wrong, [], `${cells} queries`)

  const keyOf: Record<string, (tag: Wire) => string | number> = { id: ({ id }) => id, name: ({ name }) => plain(name), type: ({ type }) => type, created_at: ({ created_at: at }) => Date.parse(at) }
  const compare = (a: string | number, b: string | number) => a < b ? -1 : a > b ? 1 : 0
  const sorted = (ordering: string) => {
    const known = ordering.split(',').filter((name) => name.replace(/^-/, '') in keyOf)
    // A name that comes again has nothing more to say.
    const names = known.filter((name, i) => known.findIndex((other) => other.replace(/^-/, '') === name.replace(/^-/, '')) === i)
    const last = names.at(-1)?.startsWith('-') ? '-id' : 'id'
    const order = [...names, last].map((name) => ({ key: keyOf[name.replace(/^-/, '')] as (tag: Wire) => string | number, sign: name.startsWith('-') ? -1 : 1 }))
    return everything.toSorted((a, b) => order.map(({ key, sign }) => sign * compare(key(a), key(b))).find((result) => result !== 0) ?? 0)
  }
  const names = Object.keys(keyOf).flatMap((name) => [name, `-${name}`])
  const orderings = [...names, ...names.flatMap((a) => names.map((b) => `${a},${b}`)), 'type,-created_at,name', '-type,nonsense,name', 'name,name,-name']
  for (const ordering of orderings) t.same((await all(`ordering=${ordering}`)).map(({ id }) => id), sorted(ordering).map(({ id }) => id), ordering)
  for (const query of ['', 'ordering=', 'ordering=color', 'ordering=constructor']) t.same((await all(query)).map(({ id }) => id), sorted('-created_at').map(({ id }) => id), `${query}: the newest first`)

  const ignored = ['type=group', 'type=undefined', 'active=maybe', 'deleted=false', 'deleted=x', 'search=&type=', 'active=0&active=undefined']
  for (const query of ignored) t.equal((await all(query)).length, everything.length, query)
  for (const query of ['deleted=true', 'deleted=1', 'search=%00', `search=a${'%CC%81'.repeat(40)}`]) t.same(await all(query), [], query)
  t.equal((await all('type=user&type=category')).every(({ type }) => type === 'category'), true, 'the last of a repeated name counts')

  const first = (await ask('GET', '/api/v2/tag/?ordering=name&type=user&limit=3&offset=3', undefined, admin)).json<Page>()
  t.match(first.next, /\?limit=3&offset=6&ordering=name&type=user$/)
  t.match(first.previous, /\?limit=3&ordering=name&type=user$/)
  t.same((await ask('GET', '/api/v2/tag/?limit=5&offset=9999', undefined, admin)).json<Page>().results, [])

  t.same(await all('ordering=id', admin, ''), everything, 'admins see everything at /tag/ as well')
  const shown = everything.filter(({ active, visible }) => active && visible)
  for (const headers of [ada.headers, keys.helper]) {
    t.same(await all('ordering=id', headers, ''), shown, 'others what is active and visible')
    t.same(await all('ordering=id&type=user&search=ü', headers, ''), shown.filter((tag) => tag.type === 'user' && holds(tag, 'u')))
    t.same(await all('ordering=id&active=true&visible=1', headers, ''), shown)
    for (const query of ['active=false', 'visible=0', 'deleted=true']) t.same(await all(query, headers, ''), [], query)
  }
})
