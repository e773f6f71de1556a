import t from 'tap'
import { TOTP } from 'otpauth'
import { PASSWORD, signUp } from '../helper.ts'
import type { Person } from '../helper.ts'
import { createWorld, encodings, findings, FORBIDDEN, NOT_FOUND, REQUIRED, UNAUTHENTICATED, whole } from './world.ts'

/* CONTRACT §2.6: account/create, account/search, account/verify. */
const world = await createWorld(t)
const { ask, core, admin, ada, codeTo } = world
const INVALID = findings(['validation_code', 'invalid', 'Invalid code.'])

t.test('POST /account/create/', async (t) => {
  const create = (body: object, headers?: { authorization: string }) => ask('POST', '/api/v2/account/create/', body, headers)
  const born = { username: 'grace', email: 'grace@example.com', password: PASSWORD }
  t.same((await create(born)).json(), UNAUTHENTICATED)
  for (const headers of [ada.headers, world.keys.helper]) {
    for (const body of [born, {}]) {
      const response = await create(body, headers)
      t.equal(response.statusCode, 403, 'before anything is said about the body')
      t.same(response.json(), FORBIDDEN)
    }
  }
  const cases: [object, object][] = [
    [{}, findings(['username', 'required', REQUIRED], ['email', 'required', REQUIRED], ['password', 'required', REQUIRED])],
    [{ ...born, username: 'ADA' }, findings(['username', 'unique', 'A user with that username already exists.'])],
    [{ ...born, username: 'a b' }, findings(['username', 'invalid', 'Enter a valid value.'])],
    [{ ...born, email: 'ada@example.com' }, findings(['email', 'unique', 'user with this email already exists.'])],
    [{ ...born, password: '1234567', website: 'x' }, findings(['website', 'invalid', 'Enter a valid URL.'], ['password', 'min_length', 'Ensure this field has at least 8 characters.', { limit: 8, found: 7 }])],
  ]
  for (const [body, expected] of cases) t.same((await create(body, admin)).json(), expected, JSON.stringify(body))
  t.equal(await core.users.findByUsername('grace'), undefined)

  const response = await create({ ...born, company_name: 'Navy', company_role: 'Admiral', gender: 'Female', bio: 'Found a bug.', is_staff: true, is_admin: true, ext_id: 'x', status: 'b' }, admin)
  t.equal(response.statusCode, 201)
  t.match(response.json(), { username: 'grace', email: 'grace@example.com', email_isvalid: false, status: 'a', company_name: 'Navy', company_role: 'Admiral', gender: 'Female', ext_id: null })
  t.match(response.headers.etag, /^"1-/)
  const { id } = response.json<{ id: number }>()
  t.match(await core.db.read.users.find(id), { username: 'grace', bio: 'Found a bug.', isStaff: false, isAdmin: false, isActive: true, extId: null, passwordHash: /^\$argon2id/ })
  t.match(await core.db.read.changes.list(id), [{ family: 'community' }])
  t.ok(await codeTo('grace@example.com'), 'the address is asked')
  t.equal((await ask('POST', '/oauth/token/', { grant_type: 'password', username: 'grace', password: PASSWORD })).statusCode, 200)

  for (const [name, sent] of encodings({ username: 'x', email: 'x@example.com', password: PASSWORD })) {
    const texts = { ...sent, payload: typeof sent.payload === 'string' ? sent.payload.replace('"x"', `"${name}"`).replace('=x&', `=${name}&`).replace(/x(@|%40)/, `${name}$1`) : sent.payload }
    t.equal((await world.app.inject({ method: 'POST', url: '/api/v2/account/create', payload: texts.payload, headers: { ...admin, ...texts.headers } })).statusCode, 201, name)
  }
})

t.test('GET /account/search/', async (t) => {
  await core.db.write((tx) => tx.users.update(ada.id, { extId: 'crm-1' }))
  const search = (query: string, headers?: { authorization: string }) => ask('GET', `/api/v2/account/search/${query}`, undefined, headers)
  t.same((await search('?username=ada')).json(), UNAUTHENTICATED)
  for (const headers of [ada.headers, world.keys.helper]) t.same((await search('?username=ada', headers)).json(), FORBIDDEN)
  for (const query of ['?username=ADA', '?email=Ada@example.com', '?ext_id=crm-1', '?ext_id=crm-1&provider=crm', '?username=ada&email=']) {
    const response = await search(query, admin)
    t.equal(response.statusCode, 200, query)
    t.match(response.json(), { id: ada.id, email: 'ada@example.com', status: 'a' })
  }
  for (const query of ['?username=nobody', '?email=nobody@example.com', '?ext_id=CRM-1', '?username=%00', '?email=a%00@example.com', '?ext_id=crm-1%00']) t.same((await search(query, admin)).json(), NOT_FOUND, query)
  for (const query of ['', '?username=', '?provider=crm', '?username=ada&email=ada@example.com', '?username=ada&username=ada']) {
    const response = await search(query, admin)
    t.equal(response.statusCode, 400, query)
    t.same(response.json(), whole('invalid', 'Send exactly one of username, email, ext_id.'))
  }
  const leaver = await signUp(world, 'leaver')
  await ask('DELETE', `/api/v2/user/${leaver.id}/`, undefined, leaver.headers)
  t.equal((await search('?username=leaver', admin)).statusCode, 404, 'who was deleted softly is not there')
})

const verify = (body: object) => ask('POST', '/api/v2/account/verify/', body)

t.test('POST /account/verify/', async (t) => {
  t.same((await verify({})).json(), findings(['validation_code', 'required', REQUIRED]))
  t.same((await verify({ validation_code: 'AAAAA-AAAAA' })).json(), INVALID)
  const validation_code = await codeTo('ada@example.com')
  const response = await verify({ validation_code: validation_code.toLowerCase().replace('-', ' ') })
  t.equal(response.statusCode, 200)
  t.equal(response.headers['cache-control'], 'no-store')
  const { token } = response.json<{ token: { access_token: string } }>()
  t.match(token, { token_type: 'Bearer', expires_in: 3_600, scope: 'read write', client_id: null })
  const me = await ask('GET', '/api/v2/user/me/', undefined, { authorization: `Bearer ${token.access_token}` })
  t.match(me.json(), { id: ada.id, email_isvalid: true })
  t.same((await verify({ validation_code })).json(), INVALID, 'a code counts once')
})

t.test('verify: nobody comes in who may not', async (t) => {
  const sleeper = await signUp(world, 'sleeper', { isActive: false })
  t.same((await verify({ validation_code: await codeTo('sleeper@example.com') })).json(), INVALID)
  t.equal((await core.db.read.users.find(sleeper.id))?.emailConfirmed, false)

  const careful = await signUp(world, 'careful')
  const { validation_code, otp } = await withSecondFactor(careful)
  const sessions = await core.db.read.sessions.list(careful.id, Date.now(), 10)
  t.same((await verify({ validation_code })).json(), findings(['otp', 'required', 'A code of the second factor is required.']))
  t.same((await verify({ validation_code, otp: '000000' })).json(), findings(['otp', 'invalid', 'Invalid code.']))
  t.equal((await core.db.read.users.find(careful.id))?.emailConfirmed, false, 'not even confirmed')
  t.equal((await core.db.read.sessions.list(careful.id, Date.now(), 10)).length, sessions.length)
  t.equal((await verify({ validation_code, otp })).statusCode, 200, 'the code still counts')
})

async function withSecondFactor (person: Person) {
  const url = '/api/v2/user/me/second_factor/'
  const { secret } = (await ask('POST', url, { password: PASSWORD }, person.headers)).json<{ secret: string }>()
  const on = await ask('POST', `${url}confirm/`, { otp: new TOTP({ secret }).generate() }, person.headers)
  const { recovery_codes: [otp = ''] } = on.json<{ recovery_codes: string[] }>()
  return { validation_code: await codeTo(`${person.username}@example.com`), otp }
}
