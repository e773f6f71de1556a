import t from 'tap'
import { isDeepStrictEqual } from 'node:util'
import { OPERATOR } from '../../src/core/access.ts'
import { PASSWORD, build, form, signUp, tokenOf, urlencoded } from '../helper.ts'
import type { Person } from '../helper.ts'
import { PRIVILEGES } from './privileges.ts'
import { UPDATES, at, named } from './routes.ts'
import type { Family, Route } from './routes.ts'
import { changed, openRows } from './traces.ts'

const built = await build(t)
const { app, core, dataDir } = built
const admin = await signUp(built, 'chief', { isAdmin: true })
const ordinary = await signUp(built, 'ordinary')
const target = await signUp(built, 'target')
const staff = await signUp(built, 'helper', { isStaff: true })
const colleague = await signUp(built, 'colleague', { isStaff: true })
await core.groups.create(OPERATOR, { name: 'chiefs' })
const rows = openRows(dataDir)
t.teardown(rows.close)

const ENCODINGS = ['JSON', 'urlencoded', 'multipart'] as const
const OWN = UPDATES.filter(({ family }) => family !== 'staff')
/** Oneself, whoever one is. */
const ME: Route[] = (['PUT', 'PATCH'] as const).map((method) => ({ family: 'staff', method, path: '/api/users/me/' }))
const STAFF = UPDATES.filter(({ family }) => family === 'staff')
/** A field of each family that the person may change, and its column. */
const HARMLESS: Record<Family, string> = { community: 'bio', staff: 'last_name', personal: 'last_name' }
const MOVED = ['updated_at', 'version']

function encode (encoding: (typeof ENCODINGS)[number], fields: Record<string, unknown>) {
  if (encoding === 'JSON') return { payload: JSON.stringify(fields), headers: { 'content-type': 'application/json' } }
  const asText = (value: unknown) => typeof value === 'object' ? JSON.stringify(value) : String(value)
  const pairs = Object.entries(fields).flatMap(([name, value]) => [value].flat().map((each): [string, string] => [name, asText(each)]))
  return encoding === 'urlencoded' ? urlencoded(pairs) : form(pairs)
}

let cells = 0
const wrong: string[] = []
t.teardown(() => t.comment(`${cells} cells: ${PRIVILEGES.length} names, ${ENCODINGS.length} encodings`))

interface Attempt { route: Route, encoding: (typeof ENCODINGS)[number], actor: Person, on: Person, name: string, value: unknown }

/** Sends the privileged name beside a harmless one, and notes a status or a stored change other than these. */
async function attempt ({ route, encoding, actor, on, name, value }: Attempt, status: number, columns: (harmless: string) => string[]): Promise<void> {
  const harmless = HARMLESS[route.family]
  const before = rows.all()
  const { payload, headers } = encode(encoding, { username: on.username, [harmless]: `cell ${++cells}`, [name]: value })
  const response = await app.inject({ method: route.method, url: at(route, on.id), payload, headers: { ...headers, ...actor.headers } })
  const after = rows.all()
  const found = before.flatMap((row, i) => changed(row, after[i] ?? {}).map((column) => i === on.id - 1 ? column : `${column} of another row`))
  const isRight = response.statusCode === status && after.length === before.length && isDeepStrictEqual(found.sort(), columns(harmless).sort())
  if (!isRight) wrong.push(`${named(route)} ${encoding} ${name} by ${actor.username} on ${on.username}: ${response.statusCode} ${found.join()} ${response.body.slice(0, 80)}`)
}

t.test('43 names, through one\'s own families: the harmless field changes, and nothing else', async (t) => {
  t.equal(PRIVILEGES.length, 43)
  t.equal(new Set(PRIVILEGES.map(([name]) => name)).size, 43)
  for (const actor of [ordinary, staff]) {
    for (const route of [...OWN, ...ME]) for (const encoding of ENCODINGS) for (const [name, value] of PRIVILEGES) await attempt({ route, encoding, actor, on: actor, name, value }, 200, (harmless) => [harmless, ...MOVED])
  }
  t.same(wrong.splice(0), [])
})

t.test('the same names while signing up: the account is as every new one', async (t) => {
  const plain = await app.inject({ method: 'POST', url: '/api/sign-up/', payload: { username: 'newcomer', email: 'newcomer@example.com', password: PASSWORD } })
  t.equal(plain.statusCode, 201)
  // What is anybody's own, or the hour's.
  const own = new Set(['id', 'username', 'email', 'password_hash', 'created_at', 'updated_at', 'last_login_at', 'last_seen_at'])
  const rowOf = async (username: string) => Object.entries(rows.user((await core.users.findByUsername(username))?.id ?? 0)).filter(([column]) => !own.has(column))
  const wanted = await rowOf('newcomer')
  for (const [i, [name, value]] of PRIVILEGES.entries()) {
    for (const [url, fields] of [['/api/sign-up/', { password: PASSWORD }], ['/api/users/auth/pwd/signup/', { password1: PASSWORD, password2: PASSWORD }]] as const) {
      const username = `new-${i}-${url.length}`
      const response = await app.inject({ method: 'POST', url, payload: { ...fields, [name]: value, ...fields, username, email: `${username}@example.com` } })
      const row = await rowOf(username)
      cells++
      if (response.statusCode >= 300 || !isDeepStrictEqual(row, wanted)) wrong.push(`${url} ${name}: ${response.statusCode} ${changed(Object.fromEntries(wanted), Object.fromEntries(row)).join()}`)
    }
  }
  t.same(wrong.splice(0), [])
})

t.test('the same of somebody else: nothing changes at all', async (t) => {
  for (const route of OWN) for (const encoding of ENCODINGS) for (const [name, value] of PRIVILEGES) await attempt({ route, encoding, actor: staff, on: target, name, value }, 403, () => [])
  t.same(wrong.splice(0), [])
})

t.test('the staff family is closed to an ordinary person', async (t) => {
  for (const on of [ordinary, target]) {
    for (const route of STAFF) for (const encoding of ENCODINGS) for (const [name, value] of PRIVILEGES) await attempt({ route, encoding, actor: ordinary, on, name, value }, 403, () => [])
  }
  t.same(wrong.splice(0), [])
})

t.test('staff give no roles, to others or to themselves, and own no counters', async (t) => {
  for (const on of [target, staff]) {
    for (const route of STAFF) {
      for (const encoding of ENCODINGS) {
        for (const [name, value, ofStaff] of PRIVILEGES) {
          // Staff are staff already: for them the role that differs is none.
          const sent = on === staff && name === 'is_staff' ? false : value
          if (ofStaff === 'refused') await attempt({ route, encoding, actor: staff, on, name, value: sent }, 403, () => [])
          else if (ofStaff === 'ignored') await attempt({ route, encoding, actor: staff, on, name, value: sent }, 200, (harmless) => [harmless, ...MOVED])
        }
      }
    }
  }
  t.same(wrong.splice(0), [])
})

t.test('a role key that is sent back as it stands is no change', async (t) => {
  for (const route of STAFF) {
    for (const encoding of ENCODINGS) {
      for (const [name, ofTarget, ofStaff] of [['is_admin', false, false], ['is_staff', false, true]] as const) {
        await attempt({ route, encoding, actor: staff, on: target, name, value: ofTarget }, 200, (harmless) => [harmless, ...MOVED])
        await attempt({ route, encoding, actor: staff, on: staff, name, value: ofStaff }, 200, (harmless) => [harmless, ...MOVED])
      }
    }
  }
  t.same(wrong.splice(0), [])
})

t.test('staff do not reach other staff or admins', async (t) => {
  for (const on of [colleague, admin]) {
    for (const route of STAFF) for (const encoding of ENCODINGS) for (const [name, value] of PRIVILEGES) await attempt({ route, encoding, actor: staff, on, name, value }, 403, () => [])
  }
  t.same(wrong.splice(0), [])
})

t.test('what staff may do to ordinary people they can, or the tests before would prove nothing', async (t) => {
  const key = await tokenOf(built, staff)
  for (const encoding of ENCODINGS) {
    for (const [isActive, groups] of [[false, [1]], [true, []]] as const) {
      const { payload, headers } = encode(encoding, { is_active: isActive, ...(groups.length > 0 || encoding === 'JSON') && { groups } })
      const response = await app.inject({ method: 'PATCH', url: `/api/users/${target.id}/`, payload, headers: { ...headers, ...key } })
      t.equal(response.statusCode, 200)
      t.equal(rows.user(target.id).is_active, BigInt(isActive))
      if (groups.length > 0) t.same(response.json<{ groups_data: object[] }>().groups_data, [{ id: 1, name: 'chiefs' }])
    }
  }
  const roles = { is_staff: true, is_admin: true, reputation: 5, ext_id: 'theirs' }
  await app.inject({ method: 'PATCH', url: `/api/users/${target.id}/`, payload: roles, headers: await tokenOf(built, admin) })
  t.match(rows.user(target.id), { is_staff: 1n, is_admin: 1n, reputation: 5n, ext_id: 'theirs' }, 'an admin can the rest')
})

t.test('POST /api/sign-up/ and POST /api/users/groups/ give nothing away either', async (t) => {
  const plain = await signUp(built, 'plain')
  for (const [i, encoding] of ENCODINGS.entries()) {
    const person = { ...Object.fromEntries(PRIVILEGES), username: `new${i}`, email: `new${i}@example.com`, password: PASSWORD }
    const { payload, headers } = encode(encoding, person)
    const response = await app.inject({ method: 'POST', url: '/api/sign-up/', payload, headers })
    t.equal(response.statusCode, 201, response.body)
    const { id } = response.json<{ user: { id: number } }>().user
    t.equal(id, plain.id + 1 + i, 'the id is the next one')
    t.same(changed(rows.user(plain.id), rows.user(id)).filter((name) => !name.endsWith('_at')), ['email', 'id', 'password_hash', 'username'])
    t.equal(rows.user(id).revoked_at, null)
    cells += PRIVILEGES.length
  }
  const { id, ...group } = (await app.inject({
    method: 'POST', url: '/api/users/groups/', headers: staff.headers, payload: { name: 'new', id: 99, users_count: 5, created_at: '2001-01-01T00:00:00Z', users: [1] },
  })).json<{ id: number, name: string, users_count: number, created_at: string }>()
  t.equal(id, 2)
  t.match(group, { name: 'new', users_count: 0 })
  t.notMatch(group.created_at, /^2001/)
})
