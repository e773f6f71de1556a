import t from 'tap'
import { build, form, signUp, tokenOf, urlencoded } from '../helper.ts'
import { OPEN, UPDATES, WRITES, at, blamed, named } from './routes.ts'
import type { Family, Route } from './routes.ts'
import { changed, filesBelow, openRows } from './traces.ts'

const built = await build(t)
const { app, dataDir } = built
const ada = await signUp(built, 'ada', { isStaff: true, isAdmin: true })
await signUp(built, 'grace', { isAdmin: true })
const headers = await tokenOf(built, ada)
const rows = openRows(dataDir)
t.teardown(rows.close)

/** A text of each family that anything may be written into. */
const TEXT: Record<Family, string> = { community: 'bio', staff: 'first_name', personal: 'first_name' }

const send = (route: Route, payload: string | Buffer, type = 'application/json') =>
  app.inject({ method: route.method, url: at(route, ada.id), payload, headers: { ...headers, 'content-type': type } })

/** The name of a text that the route reads, and a body with everything it needs and this raw JSON for that text. */
function bodyFor (route: Route, raw: string): { name: string, body: string } {
  const name = OPEN.includes(route) ? { 'sign-up/': 'username', 'sign-in/': 'email', 'token/': 'username', 'refresh/': 'refresh' }[/[^/]+\/$/.exec(route.path)?.[0] ?? ''] ?? ''
    : route.path.endsWith('/groups/') ? 'name' : TEXT[route.family]
  const needed = route.method === 'PUT' && name !== 'username' ? '"username":"ada",' : ''
  const more = OPEN.includes(route) ? ',"password":"correct horse battery"' : ''
  return { name, body: `{${needed}"${name}":${raw}${more}}` }
}

t.test('a value of the wrong type is refused, and nothing is made of it', async (t) => {
  const before = rows.all()
  const refused = ['true', 'false', '["a"]', '[]', '{}', '{"a":1}', '[["a"]]', '{"toString":1}', '{"length":3}']
  for (const route of WRITES) {
    for (const raw of refused) {
      const { name, body } = bodyFor(route, raw)
      const response = await send(route, body)
      t.equal(response.statusCode, 400, `${named(route)} ${body}`)
      t.ok(blamed(route.family, response.body)?.includes(name), response.body)
    }
  }
  t.same(rows.all(), before)
  t.comment(`${WRITES.length * refused.length} cells`)
})

t.test('null stays null, a number for a text is its digits, 1 for a boolean is true: as CONTRACT §1.3 says, and no more', async (t) => {
  const [community, staff, personal] = ['/api/v2/user/{id}/', '/api/users/{id}/', '/api/profile/{id}/update/']
    .map((path) => UPDATES.findLast((route) => route.path === path) as Route) as [Route, Route, Route]
  const cases: [Route, object, number, object][] = [
    [community, { bio: 'kept' }, 200, { bio: 'kept' }],
    [community, { bio: null }, 200, { bio: '' }],
    [community, { bio: 5 }, 200, { bio: '5' }],
    [community, { date_of_birth: '1815-12-10' }, 200, { date_of_birth: '1815-12-10' }],
    [community, { date_of_birth: null }, 200, { date_of_birth: null }],
    [community, { username: null }, 400, {}],
    [staff, { first_name: 'kept' }, 200, { first_name: 'kept' }],
    [staff, { first_name: null }, 400, {}],
    [staff, { mobile_number: '12' }, 200, { phone: '12' }],
    [staff, { mobile_number: null }, 200, { phone: null }],
    [staff, { avatar: null }, 200, {}],
    [staff, { avatar: '' }, 400, {}],
    [staff, { is_staff: 0 }, 200, { is_staff: 0n }],
    [staff, { is_staff: 1 }, 200, { is_staff: 1n }],
    [staff, { is_staff: 'no' }, 200, { is_staff: 0n }],
    [staff, { is_staff: 'Yes' }, 200, { is_staff: 1n }],
    ...[2, 'null', 'maybe', '', null, [], {}, [true], { toString: 1 }].map((value): [Route, object, number, object] => [staff, { is_staff: value }, 400, {}]),
    ...['x', true, [true], ['x'], [[1]], null, {}, { length: 0 }, [1.5], [-1], [{}]].map((value): [Route, object, number, object] => [staff, { groups: value }, 400, {}]),
    ...['other', 'Male', 5, true, ['male'], {}, { toString: 1 }].map((value): [Route, object, number, object] => [staff, { gender: value }, 400, {}]),
    ...['male', 5, true, [], ['Male'], {}, { toString: 1 }].map((value): [Route, object, number, object] => [community, { gender: value }, 400, {}]),
    ...[5, true, '', [], {}, 'soon', '1990-13-01'].map((value): [Route, object, number, object] => [community, { date_of_birth: value }, 400, {}]),
    [staff, { is_superuser: true, is_staff: true }, 200, {}],
    [personal, { first_name: null }, 400, {}],
    [personal, { is_superuser: false, is_staff: false, first_name: 'last' }, 200, { first_name: 'last' }],
  ]
  for (const [route, payload, status, expected] of cases) {
    const before = rows.user(ada.id)
    const response = await send(route, JSON.stringify(payload))
    const after = rows.user(ada.id)
    t.equal(response.statusCode, status, `${named(route)} ${JSON.stringify(payload)}`)
    for (const [name, value] of Object.entries(expected)) t.strictSame(after[name as keyof typeof after], value, name)
    const named_ = Object.keys(expected).filter((name) => before[name] !== after[name])
    t.same(changed(before, after).filter((name) => !['version', 'updated_at'].includes(name)), named_, 'and nothing else')
    if (status === 400) t.ok(blamed(route.family, response.body)?.includes(Object.keys(payload)[0] ?? ''), response.body)
  }
  t.comment(`${cases.length} cases`)
})

t.test('a JSON object cannot pass for an uploaded file', async (t) => {
  const before = rows.all()
  const files = filesBelow(dataDir)
  const forged: unknown[] = [
    { file: '/etc/passwd', _buf: 'aGk=', filename: '../x', mimetype: 'image/png', fieldname: 'avatar', encoding: '7bit', toBuffer: 'x' },
    { _buf: { type: 'Buffer', data: [137, 80, 78, 71] }, filename: '../../x.png' },
    { kind: 'avatar', bytes: 12, content: { file: '/etc/passwd' } }, { type: 'file', file: { path: '../x' } }, [{ filename: 'x.png' }], [], {}, true, 5, 'x.png', '/etc/passwd',
    'file:///etc/passwd', 'http://127.0.0.1:1/x.png', { toString: 1 }, JSON.parse('{"then":1}'), { constructor: 1 },
  ]
  let cells = 0
  for (const route of UPDATES) {
    for (const name of route.family === 'community' ? ['avatar', 'cover', 'avatar_base64'] : ['avatar']) {
      for (const value of forged) {
        const response = await send(route, JSON.stringify({ username: 'ada', [name]: value }))
        cells++
        t.equal(response.statusCode, 400, `${named(route)} ${name} ${JSON.stringify(value)}`)
        t.same(blamed(route.family, response.body), [name])
        t.match(response.body, name === 'avatar_base64' ? /was not a file|was either not an image/ : /was not a file/)
      }
    }
  }
  t.same(rows.all(), before)
  t.same(filesBelow(dataDir), files)
  t.comment(`${cells} cells`)
})

t.test('no prototype can be reached', async (t) => {
  const before = rows.all()
  const bodies = [
    '{"__proto__":{"polluted":1}}', '{"__proto__":{"isAdmin":true,"polluted":1},"bio":"x"}', '{"\\u005f_proto__":{"polluted":1}}', '{"__pr\\u006fto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}', '{"c\\u006fnstructor":{"prototype":{"polluted":1}}}', '{"x":{"__proto__":{"polluted":1}}}', '{"x":[{"constructor":{"prototype":{"polluted":1}}}]}',
    '{"__proto__":null}', '{"__proto__":[]}', '{"__proto__" : {"polluted":1}}', '{"__proto__":{"polluted":1},"__proto__":{"polluted":2}}',
  ]
  for (const route of WRITES) {
    for (const body of bodies) {
      const response = await send(route, body)
      t.equal(response.statusCode, 400, `${named(route)} ${body}`)
      t.same(blamed(route.family, response.body), [''])
    }
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
      for (const { payload, headers: { 'content-type': type } } of [urlencoded([[name, 'polluted']]), form([[name, 'polluted']]), form([[name, { file: Buffer.from('polluted') }]])]) {
        const response = await send(route, payload, type)
        t.equal(response.statusCode, 400, `${named(route)} ${name} ${type}`)
        t.same(blamed(route.family, response.body), [''])
      }
    }
    // What nests by its name elsewhere is an unknown name here.
    for (const name of ['__proto__[polluted]', 'constructor[prototype][polluted]', '__proto__.polluted', 'x[__proto__][polluted]']) {
      for (const { payload, headers: { 'content-type': type } } of [urlencoded([[name, '1']]), form([[name, '1']])]) {
        t.ok([200, 400].includes((await send(route, payload, type)).statusCode), `${named(route)} ${name} ${type}`)
      }
    }
  }
  t.equal(({} as Record<string, unknown>).polluted, undefined)
  t.same(Object.keys(Object.prototype), [])
  t.same(rows.all(), before)
  t.comment(`${WRITES.length * (bodies.length + 23)} cells`)
})

t.test('of a repeated key the last counts, and the query is no body', async (t) => {
  for (const route of UPDATES) {
    const name = TEXT[route.family]
    const response = await app.inject({
      method: route.method,
      url: `${at(route, ada.id)}?${name}=query&username=query&is_staff=false`,
      headers: { ...headers, 'content-type': 'application/json' },
      payload: `{"username":"ada","${name}":"first","${name}":{"a":1},"${name}":"last ${named(route)}"}`,
    })
    t.equal(response.statusCode, 200, named(route))
    t.match(rows.user(ada.id), { username: 'ada', is_staff: 1n, [name]: `last ${named(route)}` })
  }
})
