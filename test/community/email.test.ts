import t from 'tap'
import { build, signUp } from '../helper.ts'
import { createWorld, encodings, findings, FORBIDDEN, NOT_FOUND, REQUIRED, UNAUTHENTICATED, whole } from './world.ts'

/* CONTRACT §2.6 and §2.5: change_email, confirm_email, check_email_token; and the confirmation once more, which is ours. */
const world = await createWorld(t)
const { ask, core, ada, bob, codeTo } = world
const at = (id: number | string, name: string) => `/api/v2/user/${id}/${name}/`
const row = async (id = ada.id) => await core.db.read.users.find(id)
const INVALID = findings(['validation_code', 'invalid', 'Invalid code.'])

t.test('PATCH change_email: refusals', async (t) => {
  const change = (body: object, headers?: { authorization: string }, id: number | string = ada.id) => ask('PATCH', at(id, 'change_email'), body, headers)
  const before = await row()
  const cases: [object, object][] = [
    [{}, findings(['new_email', 'required', REQUIRED])],
    [{ new_email: null }, findings(['new_email', 'null', 'This field may not be null.'])],
    [{ new_email: '' }, findings(['new_email', 'blank', 'This field may not be blank.'])],
    [{ new_email: 'nobody' }, findings(['new_email', 'invalid', 'Enter a valid email address.'])],
    [{ new_email: `${'x'.repeat(250)}@example.com` }, findings(['new_email', 'max_length', 'Ensure this field has no more than 254 characters.', { limit: 254, found: 262 }])],
    [{ new_email: 'BOB@example.com' }, findings(['new_email', 'invalid', 'user with this email already exists.'])],
    [{ new_email: 'ADA@example.com' }, whole('invalid', 'This is the current email address.')],
  ]
  for (const [body, expected] of cases) {
    const response = await change(body, ada.headers)
    t.equal(response.statusCode, 400, JSON.stringify(body).slice(0, 60))
    t.same(response.json(), expected)
  }
  t.same((await change({ new_email: 'x@example.com' })).json(), UNAUTHENTICATED)
  for (const headers of [bob.headers, world.keys.helper, world.admin]) t.same((await change({ new_email: 'x@example.com' }, headers)).json(), FORBIDDEN)
  t.same((await change({ new_email: 'x@example.com' }, ada.headers, 999)).json(), NOT_FOUND)
  t.same(await row(), before)
})

t.test('changed by the code that the new address got, in any encoding', async (t) => {
  for (const [name, sent] of encodings({ new_email: 'x@example.com', confirm: 'true', send_email: 'true' })) {
    const asked = await world.app.inject({ method: 'PATCH', url: at(ada.id, 'change_email'), payload: sent.payload, headers: { ...ada.headers, ...sent.headers } })
    t.equal(asked.statusCode, 204, name)
    t.equal(asked.body, '', 'whoever asks for it does not get the code')
  }
  t.equal((await row())?.email, 'ada@example.com')
  const code = await codeTo('x@example.com')
  const confirm = (id: number | string, body: object) => ask('POST', at(id, 'confirm_email'), body)

  const good = { new_email: 'x@example.com', validation_code: code }
  for (const body of [{ ...good, validation_code: 'AAAAA-AAAAA' }, { ...good, new_email: 'y@example.com' }]) t.same((await confirm(ada.id, body)).json(), INVALID)
  t.same((await confirm(bob.id, good)).json(), INVALID, 'not for somebody else')
  t.same((await confirm(999, good)).json(), INVALID, 'nor for nobody')
  t.same((await confirm('01', good)).json(), NOT_FOUND)
  t.same((await confirm(ada.id, {})).json(), findings(['new_email', 'required', REQUIRED], ['validation_code', 'required', REQUIRED]))
  t.equal((await row())?.email, 'ada@example.com')

  const valid = async (id: number | string, query: string) => (await ask('GET', `${at(id, 'check_email_token')}${query}`)).json<object>()
  t.same(await valid(ada.id, `?token=${code}`), { is_valid: true })
  t.same(await valid(ada.id, `?email_token=${code.toLowerCase()}`), { is_valid: true })
  for (const query of ['', '?token=', '?token=AAAAA-AAAAA', `?token=${code}&token=${code}`]) t.same(await valid(ada.id, query), { is_valid: false }, query)
  for (const id of [bob.id, 999]) t.same(await valid(id, `?token=${code}`), { is_valid: false })
  t.same(await valid('abc', `?token=${code}`), NOT_FOUND)

  const confirmed = await confirm(ada.id, { new_email: 'X@Example.com', validation_code: code })
  t.equal(confirmed.statusCode, 204)
  t.equal(confirmed.body, '')
  t.match(await row(), { email: 'x@example.com', emailConfirmed: true })
  t.same(await valid(ada.id, `?token=${code}`), { is_valid: false })
  t.same((await confirm(ada.id, good)).json(), INVALID, 'a code counts once')
  t.match((await core.db.read.changes.list(ada.id)).at(-1), { actorId: ada.id, family: 'community', fields: ['email', 'emailConfirmed'] })
})

t.test('an address that somebody took meanwhile', async (t) => {
  await ask('PATCH', at(ada.id, 'change_email'), { new_email: 'race@example.com' }, ada.headers)
  const code = await codeTo('race@example.com')
  await signUp(world, 'race')
  const response = await ask('POST', at(ada.id, 'confirm_email'), { new_email: 'race@example.com', validation_code: code })
  t.same(response.json(), findings(['new_email', 'invalid', 'user with this email already exists.']))
})

t.test('POST /user/me/confirm_email/', async (t) => {
  const again = (headers?: { authorization: string }) => ask('POST', '/api/v2/user/me/confirm_email/', undefined, headers)
  t.same((await again()).json(), UNAUTHENTICATED)
  const old = await codeTo('bob@example.com')
  const response = await again(bob.headers)
  t.equal(response.statusCode, 204)
  const code = await codeTo('bob@example.com')
  t.not(code, old)
  const verify = (validation_code: string) => ask('POST', '/api/v2/account/verify/', { validation_code })
  t.equal((await verify(old)).statusCode, 400, 'the newer code ends the older')
  t.equal((await verify(code)).statusCode, 200)
  t.equal((await row(bob.id))?.emailConfirmed, true)
  t.equal((await again(bob.headers)).statusCode, 204)
  t.equal(await codeTo('bob@example.com'), code, 'who has confirmed gets no further code')
})

t.test('429, in the family\'s body', async (t) => {
  const limited = await build(t, { rateLimit: true })
  const carl = await signUp(limited, 'carl')
  const statuses: number[] = []
  for (let i = 0; i < 4; i++) {
    const response = await limited.app.inject({ method: 'PATCH', url: at(carl.id, 'change_email'), headers: carl.headers, payload: { new_email: 'far@example.com' } })
    statuses.push(response.statusCode)
    if (response.statusCode === 429) t.match(response.json(), { errors: [{ code: 'throttled', message: /^Request was throttled\. Expected available in \d+ seconds?\.$/ }] })
  }
  t.same(statuses, [204, 204, 204, 429])
})
