import t from 'tap'
import { codesOf, wellWithinStep } from '../authenticator.ts'
import { ageSession, PASSWORD, signUp } from '../helper.ts'
import { createWorld, encodings, REQUIRED, whole } from './world.ts'

/* CONTRACT §2.1: POST /oauth/token/ and POST /jwt/verify_token/; RFC 6749 §5.1 and §5.2. */
const world = await createWorld(t)
const { ask, app, core, ada } = world
const grant = (body: object) => ask('POST', '/oauth/token/', body)
const GOOD = { grant_type: 'password', username: 'ada', password: PASSWORD }

interface Token { access_token: string, refresh_token: string }

t.test('password: by username or address, in any encoding', async (t) => {
  for (const username of ['ada', 'ADA', 'ada@example.com', 'Ada@Example.com']) {
    for (const [name, { payload, headers }] of encodings({ ...GOOD, username, client_id: 'any', client_secret: 'thing', scope: 'read' })) {
      const response = await app.inject({ method: 'POST', url: '/oauth/token/', payload, headers: { ...headers, authorization: 'Basic YW55OnRoaW5n', 'user-agent': 'a phone' } })
      t.equal(response.statusCode, 200, `${username} ${name}`)
      t.equal(response.headers['cache-control'], 'no-store')
      const { access_token, refresh_token, ...rest } = response.json<Token>()
      t.same(rest, { expires_in: 3_600, token_type: 'Bearer', scope: 'read write' })
      t.match((await ask('GET', '/api/v2/user/me/', undefined, { authorization: `Bearer ${access_token}` })).json(), { id: ada.id })
      t.match(refresh_token, /^[\w-]+\.[\w-]+\.[\w-]+$/)
    }
  }
  t.match((await core.db.read.sessions.list(ada.id, Date.now(), 10))[0], { device: 'a phone' })
})

t.test('a username that looks like an address keeps nobody out', async (t) => {
  await core.users.create(null, { username: 'victim@example.com', email: 'thief@example.com', password: PASSWORD }, { family: 'test' })
  const { id } = await core.users.create(null, { username: 'victim', email: 'victim@example.com', password: 'the password of the victim' }, { family: 'test' })
  const { access_token } = (await grant({ ...GOOD, username: 'victim@example.com', password: 'the password of the victim' })).json<Token>()
  t.match((await ask('GET', '/api/v2/user/me/', undefined, { authorization: `Bearer ${access_token}` })).json(), { id })
  t.equal((await grant({ ...GOOD, username: 'victim@example.com' })).statusCode, 400)
  await core.users.create(null, { username: 'only.a.name@nowhere', password: PASSWORD }, { family: 'test' })
  t.equal((await grant({ ...GOOD, username: 'only.a.name@nowhere' })).statusCode, 200)
})

t.test('refresh_token: once', async (t) => {
  const first = (await grant(GOOD)).json<Token>()
  const second = await grant({ grant_type: 'refresh_token', refresh_token: first.refresh_token })
  t.equal(second.statusCode, 200)
  t.same(Object.keys(second.json<object>()).sort(), ['access_token', 'expires_in', 'refresh_token', 'scope', 'token_type'])
  await ageSession(world, first.access_token, 31)
  const refused = { error: 'invalid_grant', error_description: 'Invalid token.', ...whole('authentication_failed', 'Invalid token.') }
  for (const token of [first.refresh_token, second.json<Token>().refresh_token, first.access_token, 'x']) {
    const response = await grant({ grant_type: 'refresh_token', refresh_token: token })
    t.equal(response.statusCode, 400)
    t.same(response.json(), refused)
    t.equal(response.headers['www-authenticate'], undefined)
  }
  t.equal((await ask('GET', '/api/v2/user/me/', undefined, { authorization: `Bearer ${second.json<Token>().access_token}` })).statusCode, 401, 'whoever copied it is out, too')
})

t.test('refusals say it twice', async (t) => {
  await signUp(world, 'sleeper', { isActive: false })
  const words = 'No active account found with the given credentials'
  const bad = JSON.stringify({ ...whole('authentication_failed', words), error: 'invalid_grant', error_description: words })
  for (const body of [{ ...GOOD, password: 'x' }, { ...GOOD, username: 'nobody' }, { ...GOOD, username: 'nobody@example.com' }, { ...GOOD, username: 'sleeper' }]) {
    const response = await grant(body)
    t.equal(response.statusCode, 400)
    t.equal(response.body, bad, 'known or not')
    t.equal(response.headers['cache-control'], 'no-store')
  }
  const cases: [object, string, string, string[]][] = [
    [{}, 'invalid_request', `grant_type: ${REQUIRED}`, ['grant_type']],
    [{ grant_type: null }, 'invalid_request', 'grant_type: This field may not be null.', ['grant_type']],
    [{ grant_type: 'client_credentials' }, 'unsupported_grant_type', 'grant_type: client_credentials is not a valid choice.', ['grant_type']],
    [{ grant_type: 'a"\\é\n' }, 'unsupported_grant_type', 'grant_type: a is not a valid choice.', ['grant_type']],
    [{ grant_type: 'password' }, 'invalid_request', `username: ${REQUIRED}`, ['username', 'password']],
    [{ grant_type: 'password', username: '' }, 'invalid_request', 'username: This field may not be blank.', ['username', 'password']],
    [{ grant_type: 'refresh_token' }, 'invalid_request', `refresh_token: ${REQUIRED}`, ['refresh_token']],
    [{ ...GOOD, otp: true }, 'invalid_request', 'otp: Not a valid string.', ['otp']],
  ]
  for (const [body, error, error_description, fields] of cases) {
    const response = await grant(body)
    t.equal(response.statusCode, 400, JSON.stringify(body))
    const { errors, ...rest } = response.json<{ errors: { field: string }[] }>()
    t.same(rest, { error, error_description })
    t.same(errors.map(({ field }) => field), fields)
  }
  const broken = await app.inject({ method: 'POST', url: '/oauth/token', payload: '{', headers: { 'content-type': 'application/json' } })
  t.equal(broken.statusCode, 400)
  t.match(broken.json(), { error: 'invalid_request', errors: [{ code: 'parse_error' }] })
  const unsupported = await app.inject({ method: 'POST', url: '/oauth/token', payload: 'x', headers: { 'content-type': 'text/plain' } })
  t.equal(unsupported.statusCode, 415)
  t.match(unsupported.json(), { errors: [{ code: 'unsupported_media_type' }] })
})

t.test('other methods, other paths', async (t) => {
  const got = await ask('GET', '/oauth/token/')
  t.equal(got.statusCode, 405)
  t.equal(got.headers.allow, 'OPTIONS, POST')
  t.same(got.json(), whole('method_not_allowed', 'Method "GET" not allowed.'))
  t.equal((await ask('OPTIONS', '/oauth/token')).statusCode, 200)
})

t.test('the second factor is asked for', async (t) => {
  const careful = await signUp(world, 'careful')
  const url = '/api/v2/user/me/second_factor/'
  const { secret } = (await ask('POST', url, { password: PASSWORD }, careful.headers)).json<{ secret: string }>()
  const codeAt = codesOf(secret)
  await wellWithinStep()
  await ask('POST', `${url}confirm/`, { otp: codeAt(-1) }, careful.headers)
  const body = { ...GOOD, username: 'careful' }
  const asked = await grant(body)
  t.equal(asked.statusCode, 400)
  t.same(asked.json(), {
    error: 'invalid_grant',
    error_description: 'otp: A code of the second factor is required.',
    errors: [{ field: 'otp', messages: [{ code: 'required', message: 'A code of the second factor is required.' }] }],
  })
  t.match((await grant({ ...body, otp: 'x' })).json(), { error: 'invalid_grant', errors: [{ field: 'otp', messages: [{ code: 'invalid' }] }] })
  t.match((await grant({ ...body, password: 'x' })).json(), whole('authentication_failed', 'No active account found with the given credentials'), 'only after the password')
  t.equal((await grant({ ...body, otp: codeAt(0) })).statusCode, 200)
})

t.test('POST /jwt/verify_token/', async (t) => {
  const verify = (body: object) => ask('POST', '/api/v2/jwt/verify_token/', body)
  const { access_token, refresh_token } = (await grant(GOOD)).json<Token>()
  for (const [name, { payload, headers }] of encodings({ token: access_token })) {
    const response = await app.inject({ method: 'POST', url: '/api/v2/jwt/verify_token/', payload, headers })
    t.equal(response.statusCode, 200, name)
    t.same(response.json(), {})
  }
  const key = world.keys.ada.authorization.slice('Token '.length)
  for (const token of [refresh_token, key, 'x', `${access_token}x`]) {
    const response = await verify({ token })
    t.equal(response.statusCode, 401)
    t.same(response.json(), whole('authentication_failed', 'Invalid token.'))
    t.equal(response.headers['www-authenticate'], 'Bearer realm="api"')
  }
  t.same((await verify({})).json(), { errors: [{ field: 'token', messages: [{ code: 'required', message: REQUIRED }] }] })
  t.equal((await ask('POST', '/api/v2/user/me/sign-out/', undefined, { authorization: `Bearer ${access_token}` })).statusCode, 204)
  t.equal((await verify({ token: access_token })).statusCode, 401, 'at this moment')
})
