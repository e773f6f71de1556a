import t from 'tap'
import type { Test } from 'tap'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { OPERATOR } from '../../src/core/access.ts'
import { documentOf } from '../document.ts'
import { build, form, signUp, tokenOf, urlencoded } from '../helper.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
type Sent = { payload?: string | Buffer, headers?: Record<string, string> }

const json = (payload: object): Sent => ({ payload: JSON.stringify(payload), headers: { 'content-type': 'application/json' } })

/** A service with an admin, one of the staff and ada, who is an ordinary person. */
async function openWorld (t: Test) {
  const built = await build(t)
  const [boss, helper, ada] = [await signUp(built, 'boss', { isAdmin: true }), await signUp(built, 'helper', { isStaff: true }), await signUp(built, 'ada')]
  const [admin, staff] = [await tokenOf(built, boss), await tokenOf(built, helper)]
  const { db } = built.core
  return {
    ...built,
    ada,
    admin,
    staff,
    ask: (method: Method, url: string, { payload, headers }: Sent = {}, who: object = admin) =>
      built.app.inject({ method, url, headers: { ...headers, ...who }, ...payload !== undefined && { payload } }),
    declarations: () => db.read.profileFields.list(),
    stored: async (id: number) => (await db.read.users.find(id))?.attributes,
  }
}

const SHOE = { key: 'shoe', label: 'Shoe', type: 'enum', type_options: ['left', 'right'], mandatory: true, editable: false, searchable: true, read: 'member', write: 'staff' }
const PLAIN = { label: '', type: 'string', type_options: [], mandatory: false, editable: true, searchable: false, read: 'public', write: 'self' }

t.test('POST and GET /api/users/fields/: what is declared in any encoding is shown as it was said', async (t) => {
  const { ask, staff, declarations } = await openWorld(t)
  const pairs: [string, string][] = [['label', ' Shoe '], ['type', 'enum'], ['type_options', 'left'], ['type_options', ' right '], ['mandatory', 'True'], ['editable', 'no'], ['searchable', '1'], ['read', 'member'], ['write', 'staff']]
  const bodies: Record<string, Sent> = { shoe_json: json({ ...SHOE, key: 'shoe_json' }), shoe_urlencoded: urlencoded([['key', 'shoe_urlencoded'], ...pairs]), shoe_multipart: form([...pairs, ['key', 'shoe_multipart']]) }
  for (const [key, body] of Object.entries(bodies)) {
    const response = await ask('POST', '/api/users/fields/', body)
    t.equal(response.statusCode, 201, response.body)
    const { created_at, updated_at, ...said } = response.json<Record<string, unknown>>()
    t.same(said, { ...SHOE, key })
    t.equal(created_at, updated_at)
    t.match((await declarations()).at(-1), { key, label: 'Shoe', type: 'enum', options: ['left', 'right'], isMandatory: true, isEditable: false, isSearchable: true, read: 'member', write: 'staff' })
    t.same((await ask('GET', `/api/users/fields/${key}/`, {}, staff)).json(), response.json())
  }
  t.match((await ask('POST', '/api/users/fields/', json({ key: 'plain' }))).json(), { key: 'plain', ...PLAIN })

  const listed = (await ask('GET', '/api/users/fields/?limit=2&offset=1', {}, staff)).json<{ next: string, previous: string, results: { key: string }[] }>()
  t.match(listed, { count: 6, next: /\/api\/users\/fields\/\?limit=2&offset=3$/, previous: /\/api\/users\/fields\/\?limit=2$/ })
  t.same(listed.results.map(({ key }) => key), ['company_role', 'shoe_json'])
  t.equal((await ask('GET', '/api/users/fields', {}, staff)).json<{ results: object[] }>().results.length, 6)
})

t.test('what is wrong is told at once, under the names of the body', async (t) => {
  const { ask, declarations } = await openWorld(t)
  const before = await declarations()
  const refused = async (method: Method, url: string, body: Sent, wanted: object) => {
    const response = await ask(method, `/api/users/fields/${url}`, body)
    t.equal(response.statusCode, 400, response.body)
    t.same(response.json(), wanted)
  }
  await refused('POST', '', json({}), { key: ['This field is required.'] })
  await refused('POST', '', urlencoded([['key', '']]), { key: ['This field may not be blank.'] })
  await refused('POST', '', json({ key: 'Shoe', label: 'x'.repeat(101), type: 'colour', type_options: ['red'], mandatory: 'perhaps', editable: null, searchable: [], read: 'staff', write: 'member' }), {
    key: ['Use small letters, digits and underscores, a letter first, at most 50 characters.'],
    label: ['Ensure this field has no more than 100 characters.'],
    type: ['"colour" is not a valid choice.'],
    mandatory: ['Must be a valid boolean.'],
    editable: ['This field may not be null.'],
    searchable: ['Must be a valid boolean.'],
    read: ['"staff" is not a valid choice.'],
    write: ['"member" is not a valid choice.'],
  })
  await refused('POST', '', json({ key: 'company_name', type: 'enum' }), { key: ['field with this key already exists.'], type_options: ['This field is required.'] })
  await refused('POST', '', json({ key: 'x', type_options: ['a'] }), { type_options: ['Only a field of the type enum has options.'] })
  for (const [options, message] of [
    ['left', 'Expected a list of items but got type "str".'],
    [['a', true], 'Not a valid string.'],
    [['a', ' '], 'This field may not be blank.'],
    [['x'.repeat(101)], 'Ensure this field has no more than 100 characters.'],
    [['a\0'], 'Null characters are not allowed.'],
    [['a', 'b', 'a '], '"a" is there twice.'],
    [Array.from({ length: 201 }, (_, i) => i), 'Ensure this field has no more than 200 elements.'],
  ] as const) await refused('POST', '', json({ key: 'x', type: 'enum', type_options: options }), { type_options: [message] })
  await refused('POST', '?dry_run=1', json({ key: 'id' }), { key: ['A built-in field has this name.'] })
  await refused('PATCH', 'company_name/', json({ key: 'ignored', type: 'enum', label: null }), { label: ['This field may not be null.'], type_options: ['This field is required.'] })
  await refused('PATCH', 'company_name/?dry_run=1', json({ write: 'all' }), { write: ['"all" is not a valid choice.'] })
  t.same(await declarations(), before)
  for (const [method, key] of [['GET', 'hat'], ['PATCH', 'hat'], ['DELETE', 'hat'], ['GET', '__proto__'], ['GET', 'COMPANY_NAME'], ['GET', '1']] as const) {
    const response = await ask(method, `/api/users/fields/${key}/`)
    t.equal(response.statusCode, 404)
    t.same(response.json(), { detail: 'Not found.' })
  }
})

t.test('PATCH keeps what is not sent; what would break accounts is counted, refused, and forced', async (t) => {
  const { ask, ada, core, stored } = await openWorld(t)
  await core.users.edit(OPERATOR, ada.id, { attributes: { company_role: 'Countess' } }, { family: 'test' })
  const url = '/api/users/fields/company_role/'
  const before = (await ask('GET', url)).json<object>()
  const counted = { accounts: 3, values: 1, breaks: 1 }
  for (const flag of ['1', 'true', 'yes', '1&dry_run=1']) {
    const response = await ask('PATCH', `${url}?dry_run=${flag}&force=1`, json({ type: 'integer' }))
    t.match(response, { statusCode: flag.includes('&') ? 400 : 200 })
    t.same(response.json(), flag.includes('&') ? { dry_run: ['Not a valid string.'] } : counted)
  }
  for (const query of ['', '?dry_run=0', '?force=0']) {
    const response = await ask('PATCH', url + query, json({ type: 'integer', label: 'Role' }))
    t.equal(response.statusCode, 400)
    t.same(response.json(), { non_field_errors: ['1 account would no longer fit. Force it to keep what is stored; what is of another type then shows as empty.'] })
  }
  t.same((await ask('GET', url)).json(), before)
  const forced = await ask('PATCH', `${url}?force=1`, urlencoded([['type', 'integer'], ['label', 'Role']]))
  t.equal(forced.statusCode, 200, forced.body)
  t.match(forced.json(), { key: 'company_role', label: 'Role', type: 'integer', editable: true, read: 'public' })
  t.same(await stored(ada.id), { company_role: 'Countess' })
  t.same((await ask('GET', `/api/users/${ada.id}/`)).json<{ attributes: object }>().attributes, { company_name: '', company_role: null })
  t.match((await ask('PATCH', url, json({ type: 'enum', type_options: ['Countess'] }))).json(), { type: 'enum', type_options: ['Countess'] })
  t.match((await ask('PATCH', url, json({}))).json(), { label: 'Role', type: 'enum', type_options: ['Countess'] })
  t.same((await ask('GET', `/api/users/${ada.id}/`)).json<{ attributes: object }>().attributes, { company_name: '', company_role: 'Countess' })
})

t.test('DELETE takes the values with it; a dry run of anything writes nothing', async (t) => {
  const { ask, ada, core, declarations, stored } = await openWorld(t)
  await core.users.edit(OPERATOR, ada.id, { attributes: { company_name: 'x', company_role: 'y' } }, { family: 'test' })
  const before = await declarations()
  t.same((await ask('POST', '/api/users/fields/?dry_run=1', json({ key: 'shoe', mandatory: true }))).json(), { accounts: 3, values: 0, breaks: 3 })
  t.same((await ask('POST', '/api/users/fields/?dry_run=1', json({ key: 'shoe' }))).json(), { accounts: 3, values: 0, breaks: 0 })
  for (const query of ['1', '1&dry_run=1']) t.same((await ask('DELETE', `/api/users/fields/company_name/?dry_run=${query}`)).json(), { accounts: 3, values: 1, breaks: 0 })
  t.same(await declarations(), before)
  const gone = await ask('DELETE', '/api/users/fields/company_name/')
  t.match(gone, { statusCode: 204, body: '' })
  t.same(await stored(ada.id), { company_role: 'y' })
  t.same((await declarations()).map(({ key }) => key), ['company_role'])
  t.equal((await ask('DELETE', '/api/users/fields/company_name/')).statusCode, 404)
  t.notOk('company_name' in (await ask('GET', `/api/v2/user/${ada.id}/`)).json())
})

const TYPES: [type: string, values: [json: unknown, form: string][]][] = [
  ['string', [['Grace', 'Ada']]],
  ['integer', [[7, '-12']]],
  ['phone_number', [['+1-555-0157', '5550199']]],
  ['enum', [['left', 'right']]],
  ['url', [['https://example.com/a', 'http://example.org']]],
  ['email', [['a@example.com', 'b@example.org']]],
  ['checkbox', [[false, 'true']]],
]

t.test('a field of each type is written and read in every family, in JSON and in forms, and stands in the document at once', async (t) => {
  const { app, ask, ada, stored } = await openWorld(t)
  const bodies: [name: string, method: Method, url: string, who: object, (key: string, value: unknown) => Sent, (key: string, value: string) => Sent][] = [
    ['community', 'PATCH', `/api/v2/user/${ada.id}/`, ada.headers, (key, value) => json({ [key]: value }), (key, value) => urlencoded([[key, value]])],
    ['staff', 'PATCH', `/api/users/${ada.id}/`, {}, (key, value) => json({ attributes: { [key]: value } }), (key, value) => form([[`attributes.${key}`, value]])],
    ['personal', 'PUT', `/api/profile/${ada.id}/update/`, ada.headers, (key, value) => json({ attributes: { [key]: value } }), (key, value) => urlencoded([[`attributes.${key}`, value]])],
  ]
  const shownIn = async (key: string) => Promise.all([
    ask('GET', `/api/v2/user/${ada.id}/`).then((response) => response.json<Record<string, unknown>>()[key]),
    ask('GET', `/api/users/${ada.id}/`).then((response) => response.json<{ attributes: Record<string, unknown> }>().attributes[key]),
    ask('GET', '/api/profile/', {}, ada.headers).then((response) => response.json<{ attributes: Record<string, unknown> }>().attributes[key]),
  ])
  for (const [type, values] of TYPES) {
    const key = `my_${type}`
    t.equal((await ask('POST', '/api/users/fields/', json({ key, type, ...type === 'enum' && { type_options: ['left', 'right'] } }))).statusCode, 201)
    const { paths } = await documentOf<{ paths: Record<string, Record<string, { parameters: object[], requestBody: { content: Record<string, { schema: { properties: Record<string, { properties?: object }> } }> } }>> }>(app)
    const propertiesOf = (path: string, method: string, encoding: string) => paths[path]?.[method]?.requestBody.content[encoding]?.schema.properties ?? {}
    t.ok(key in propertiesOf('/api/v2/user/{id}/', 'patch', 'application/json'))
    t.ok(key in (propertiesOf('/api/users/{id}/', 'patch', 'application/json').attributes?.properties ?? {}))
    t.ok(`attributes.${key}` in propertiesOf('/api/profile/{id}/update/', 'put', 'multipart/form-data'))
    t.match(paths['/api/users/fields/{key}/']?.get?.parameters, [{ name: 'key', schema: { pattern: /a-z/ } }])
    const empty = type === 'integer' || type === 'checkbox' ? null : ''
    t.same(await shownIn(key), [empty, empty, empty])
    for (const [name, method, url, who, inJson, inForm] of bodies) {
      for (const [first, second] of values) {
        for (const [sent, value] of [[inJson(key, first), first], [inForm(key, second), type === 'integer' ? Number(second) : type === 'checkbox' ? true : second]] as const) {
          const response = await ask(method, url, sent, name === 'staff' ? undefined : who)
          t.equal(response.statusCode, 200, `${name} ${type}: ${response.body}`)
          t.equal((await stored(ada.id))?.[key], value, `${name} ${type}`)
          t.same(await shownIn(key), [value, value, value])
        }
      }
    }
  }
})

t.test('a name that the community family says itself is no key', async (t) => {
  const { app, ask, declarations } = await openWorld(t)
  const names = new Set<string>()
  // Wherever a declared field stands, the names beside it; those in the staff and personal families stand in a place of their own.
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { properties } = value as { properties?: Record<string, object> }
    if (properties !== undefined && 'company_name' in properties && 'username' in properties) for (const name of Object.keys(properties)) names.add(name)
    for (const inner of Object.values(value)) collect(inner)
  }
  collect(await documentOf(app))
  const declared = new Set((await declarations()).map(({ key }) => key))
  const reserved = [...names].filter((name) => !declared.has(name))
  for (const name of ['username', 'email', 'password', 'followers_counter', 'role', 'permission', 'avatar_base64', 'status']) t.ok(reserved.includes(name), name)
  for (const key of [...reserved, 'deleted_at', 'constructor']) {
    const response = await ask('POST', '/api/users/fields/', json({ key }))
    t.same([response.statusCode, response.json()], [400, { key: ['A built-in field has this name.'] }], key)
  }
  t.equal((await declarations()).length, declared.size)
})

t.test('a service that starts finishes the removals that another one has begun', async (t) => {
  const { dataDir, app, core, ada } = await openWorld(t)
  await core.users.edit(OPERATOR, ada.id, { attributes: { company_name: 'zanzibar' } }, { family: 'test' })
  const id = core.profileFields.find('company_name').id
  await core.db.write((tx) => tx.profileFields.drop(id, Date.now()))
  await app.close()
  const again = await build(t, { dataDir })
  await again.app.listen({ port: 0, host: '127.0.0.1' })
  while ((await core.db.read.profileFields.list()).some((field) => field.id === id)) await nextTurn()
  t.same((await core.users.get(ada.id)).attributes, {})
})

t.test('a mandatory field comes with a new account, if whoever makes it may write it', async (t) => {
  const built = await build(t)
  const admin = await tokenOf(built, await signUp(built, 'regina', { isAdmin: true }))
  const declare = (key: string, rules: object) => built.app.inject({ method: 'POST', url: '/api/users/fields/', headers: admin, payload: { key, mandatory: true, ...rules } })
  t.equal((await declare('nickname', {})).statusCode, 201)
  t.equal((await declare('badge', { write: 'staff' })).statusCode, 201)
  const sign = (more: object) => built.app.inject({ method: 'POST', url: '/api/sign-up/', payload: { username: 'ada', email: 'ada@example.com', password: 'correct horse battery', ...more } })
  t.same((await sign({})).json(), { 'attributes.nickname': ['This field is required.'] }, 'what only staff write is not asked of others')
  t.equal((await sign({ attributes: { nickname: 'Countess', badge: 'ignored' } })).statusCode, 201)
  const made = (payload: object) => built.app.inject({ method: 'POST', url: '/api/users/', headers: admin, payload })
  t.same((await made({ username: 'bob' })).json(), { 'attributes.nickname': ['This field is required.'], 'attributes.badge': ['This field is required.'] })
  t.match((await made({ username: 'bob', attributes: { nickname: 'B', badge: 'gold' } })).json(), { attributes: { nickname: 'B', badge: 'gold' } })
})
