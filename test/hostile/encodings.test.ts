import { Worker } from 'node:worker_threads'
import Sqlite from 'better-sqlite3'
import t from 'tap'
import { documentOf } from '../document.ts'
import { PASSWORD, build, form, signUp, tokenOf } from '../helper.ts'
import { UPDATES, WRITES, at, blamed, named } from './routes.ts'
import type { Family, Route } from './routes.ts'
import { openRows } from './traces.ts'

const built = await build(t)
const { app, dataDir } = built
const ada = await signUp(built, 'ada', { isStaff: true, isAdmin: true })
const headers = await tokenOf(built, ada)
const rows = openRows(dataDir)
t.teardown(rows.close)

const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'
const PROFILE: Route = { family: 'personal', method: 'POST', path: '/api/profile/' }
/** Less than any route takes, and far deeper than the stack. */
const BYTES = 70_000
const deep = (open: string, shut: string, core = '') => {
  const depth = Math.floor((BYTES - core.length) / (open + shut).length)
  return open.repeat(depth) + core + shut.repeat(depth)
}

const send = (route: Route, payload: string | Buffer, type = JSON_TYPE) =>
  app.inject({ method: route.method, url: at(route, ada.id), payload, headers: { ...headers, 'content-type': type } })

/** The texts of each route that a name can be given to, and a whole form with one of them exchanged. */
const TEXTS: Record<Family, string[]> = {
  community: ['username', 'real_name', 'bio', 'location', 'location_lat_lng', 'position_lat_lng', 'date_of_birth', 'description', 'gender', 'website', 'company_name', 'company_role'],
  staff: ['username', 'mobile_number', 'email', 'first_name', 'last_name', 'gender', 'ext_id', 'attributes.company_name'],
  personal: ['username', 'email', 'first_name', 'last_name', 'number_phone', 'attributes.company_name'],
}
const OTHERS: Record<string, string[]> = {
  '/api/users/groups/': ['name', 'notes'],
  '/api/sign-up/': ['username', 'email', 'password', 'first_name', 'last_name', 'number_phone', 'attributes.company_name'],
  '/api/sign-in/': ['email', 'password'],
  '/api/token/': ['username', 'password'],
  '/api/token/refresh/': ['refresh'],
}
const NEEDED: Record<string, string> = { username: 'ada', email: 'ada@example.com', password: PASSWORD, refresh: 'x', name: 'x' }
const textsOf = ({ family, path }: Route) => OTHERS[path] ?? TEXTS[family]

function fieldsFor (route: Route, name: string, value: string): [string, string][] {
  const needed = route.method === 'POST' ? textsOf(route).filter((text) => text in NEEDED) : ['username']
  return [...needed.filter((text) => text !== name).map((text): [string, string] => [text, NEEDED[text] ?? '']), [name, value]]
}

/** What a form writes with a dot, as JSON has it. */
function nested (pairs: [string, string][]): object {
  const [outer, inner] = ['', 'attributes.'].map((prefix) => Object.fromEntries(pairs.filter(([name]) => name.includes('.') === (prefix !== '')).map(([name, value]) => [name.slice(prefix.length), value])))
  return { ...outer, ...Object.keys(inner ?? {}).length > 0 && { attributes: inner } }
}

t.test('a body nested deeper than the stack', async (t) => {
  const before = rows.all()
  const bodies = [
    deep('[', ']'), deep('{"a":', '}', '1'), deep('[{"a":', '}]', 'null'), deep('{"__proto__":', '}', '1'), deep('[', ']', '{"__proto__":1}'), deep('[', ']', '1e400'),
    deep('[', ''), deep('{"a":', ''),
  ]
  for (const route of WRITES) {
    for (const [i, body] of bodies.entries()) {
      const started = performance.now()
      const response = await send(route, body)
      // Objects of unknown keys are empty updates.
      const isUnknown = i === 1 && route.method === 'PATCH' || i === 1 && route.family === 'personal' && route.method === 'PUT'
      t.equal(response.statusCode, isUnknown ? 200 : 400, `${named(route)} ${body.slice(0, 20)}`)
      t.ok(isUnknown || blamed(route.family, response.body) !== undefined, response.body.slice(0, 100))
      t.ok(performance.now() - started < 5_000, 'in no time')
    }
    const others = UPDATES.includes(route) ? { community: ['avatar', 'cover', 'avatar_base64'], staff: ['avatar', 'is_staff', 'groups', 'reputation'], personal: ['avatar'] }[route.family] : []
    for (const name of [...textsOf(route), ...others]) {
      const whole = nested(fieldsFor(route, name, '@'))
      const response = await send(route, JSON.stringify(whole).replace('"@"', deep('[', ']')))
      t.equal(response.statusCode, 400, `${named(route)} ${name}`)
      t.ok(blamed(route.family, response.body)?.includes(name), response.body.slice(0, 100))
      t.ok(response.body.length < 1_000, 'the answer does not repeat it')
    }
  }
  t.equal((await send(PROFILE, deep('[', ']').slice(0, 60_000))).statusCode, 200, 'a body that nobody reads')
  t.same(rows.all(), before)
})

t.test('a number that cannot be held is refused, never rounded', async (t) => {
  const before = rows.all()
  const numbers = ['1e400', '-1e400', '1e309', '9007199254740993', '-9007199254740993', '9007199254740992', '12345678901234567890', '1e16', '1e23', '123456789012345678.5', `1${'0'.repeat(400)}`]
  for (const route of WRITES) {
    for (const number of numbers) {
      for (const body of [`{"${textsOf(route)[0]}":${number}}`, `{"unknown":[{"deeper":${number}}]}`, number, `[${number}]`]) {
        const response = await send(route, body)
        t.equal(response.statusCode, 400, `${named(route)} ${body.slice(0, 60)}`)
        t.same(blamed(route.family, response.body), [''])
      }
    }
  }
  t.same(rows.all(), before)
  const phone = await send(UPDATES.find(({ family }) => family === 'staff') as Route, '{"username":"ada","mobile_number":9007199254740991}')
  t.equal(phone.json<{ mobile_number: string }>().mobile_number, '9007199254740991', 'the largest that can')
  t.comment(`${WRITES.length * numbers.length * 4} cells`)
})

const BAD_UTF8 = [[0xFF], [0xC3], [0xC0, 0xAF], [0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xED, 0xB2, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80]].map((bytes) => Buffer.from(bytes))
const percent = (bytes: Buffer) => [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')

t.test('bytes that are no UTF-8 are refused, never replaced', async (t) => {
  const before = rows.all()
  let cells = 0
  for (const route of WRITES) {
    const name = textsOf(route).at(-1) ?? ''
    for (const bytes of BAD_UTF8) {
      const whole = JSON.stringify(nested(fieldsFor(route, name, '@')))
      const [start = '', end = ''] = whole.split('@')
      const multipart = form(fieldsFor(route, name, '@'))
      const at = multipart.payload.lastIndexOf('@')
      const bodies: [Buffer | string, string][] = [
        [Buffer.concat([Buffer.from(start), bytes, Buffer.from(end)]), JSON_TYPE],
        [Buffer.concat([Buffer.from('{"unknown":"'), bytes, Buffer.from('"}')]), JSON_TYPE],
        [Buffer.concat([Buffer.from(`${name}=x`), bytes]), FORM_TYPE],
        [`${name}=x${percent(bytes)}`, FORM_TYPE],
        [`${percent(bytes)}=x`, FORM_TYPE],
        [Buffer.concat([multipart.payload.subarray(0, at), bytes, multipart.payload.subarray(at + 1)]), multipart.headers['content-type']],
      ]
      for (const [body, type] of bodies) {
        const response = await send(route, body, type)
        cells++
        t.equal(response.statusCode, 400, `${named(route)} ${type} ${bytes.toString('hex')}`)
        t.same(blamed(route.family, response.body), [''])
      }
    }
  }
  t.same(rows.all(), before)
  t.comment(`${cells} cells`)
})

t.test('a byte order mark before JSON, UTF-16, and a charset that is not ours', async (t) => {
  const before = rows.user(ada.id)
  const marked = await send(UPDATES[1] as Route, '\uFEFF{"bio":"marked"}')
  t.equal(marked.statusCode, 200)
  t.equal(rows.user(ada.id).bio, 'marked')
  t.equal((await send(UPDATES[1] as Route, '{\uFEFF"bio":"x"}')).statusCode, 400)
  t.equal((await send(UPDATES[1] as Route, '\uFEFF')).statusCode, 200, 'nothing but a mark is nothing')
  for (const bytes of [Buffer.from('\uFEFF{"bio":"x"}', 'utf16le'), Buffer.from('{"bio":"x"}', 'utf16le'), Buffer.from('{"bio":"\xe9"}', 'latin1')]) {
    t.equal((await send(UPDATES[1] as Route, bytes)).statusCode, 400)
    t.equal((await send(UPDATES[1] as Route, bytes, 'application/json; charset=utf-16')).statusCode, 400)
  }
  t.equal(rows.user(ada.id).bio, 'marked')
  t.equal(before.username, rows.user(ada.id).username)
})

t.test('lone surrogates and NUL are refused in every text', async (t) => {
  const before = rows.all()
  let cells = 0
  for (const route of WRITES) {
    for (const name of textsOf(route)) {
      for (const escape of ['\\ud800', '\\udfff', '\\ude00\\ud83d', 'a\\udbffb', '\\u0000', 'a\\u0000b']) {
        const response = await send(route, JSON.stringify(nested(fieldsFor(route, name, '@'))).replace('"@"', `"${escape}"`))
        cells++
        t.equal(response.statusCode, 400, `${named(route)} ${name} ${escape}`)
        t.ok(blamed(route.family, response.body)?.includes(name), response.body)
      }
      const multipart = form(fieldsFor(route, name, 'a\0b'))
      for (const response of [await send(route, new URLSearchParams(fieldsFor(route, name, 'a\0b')).toString(), FORM_TYPE), await send(route, multipart.payload, multipart.headers['content-type'])]) {
        cells++
        t.equal(response.statusCode, 400, `${named(route)} ${name} NUL in a form`)
        t.ok(blamed(route.family, response.body)?.includes(name), response.body)
      }
    }
  }
  t.same(rows.all(), before)
  t.comment(`${cells} cells`)
})

t.test('and no statement is asked for one, which another engine would refuse', async (t) => {
  const { paths } = await documentOf<{ paths: Record<string, { get?: { parameters?: { in: string, name: string }[] } }> }>(app)
  const asked: unknown[] = []
  const connection = new Sqlite(':memory:')
  const statement = Object.getPrototypeOf(connection.prepare('select 1')) as Record<'get' | 'all' | 'run', (...args: unknown[]) => unknown>
  connection.close()
  const calls = [...(['get', 'all', 'run'] as const).map((verb) => t.capture(statement, verb, statement[verb])), t.capture(Worker.prototype, 'postMessage', Worker.prototype.postMessage)]
  const note = () => { for (const { args } of calls.flatMap((take): { args: unknown }[] => take())) if (/\\u0000|\\ud/.test(JSON.stringify(args))) asked.push(args) }
  let cells = 0
  for (const [path, { get }] of Object.entries(paths)) {
    for (const parameter of get?.parameters ?? []) {
      if (parameter.in === 'header') continue
      const url = path.replace(`{${parameter.name}}`, 'a%00b').replaceAll(/\{\w+\}/g, String(ada.id))
      const { statusCode } = await app.inject({ url: parameter.in === 'query' ? `${url}?${parameter.name}=a%00b` : url, headers })
      cells++
      t.ok(statusCode < 500, `${path} ${parameter.name} ${statusCode}`)
      note()
    }
  }
  t.same(asked, [])
  t.ok(cells > 100, `${cells} cells`)
})
