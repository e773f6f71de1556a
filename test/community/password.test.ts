import t from 'tap'
import { PASSWORD, signUp } from '../helper.ts'
import { findRows } from '../life/traces.ts'
import { createWorld, encodings, findings, FORBIDDEN, NOT_FOUND, REQUIRED, UNAUTHENTICATED } from './world.ts'

/* CONTRACT §2.6: change_password, account/recover, account/reset; the policy is SECURITY's. */
const world = await createWorld(t)
const { ask, core, ada, bob, codeTo } = world
const NEXT = 'a whole other secret'
const me = async (headers: { authorization: string }) => (await ask('GET', '/api/v2/user/me/', undefined, headers)).statusCode
const enter = (username: string, password: string) => ask('POST', '/oauth/token/', { grant_type: 'password', username, password })
const bearer = ({ access_token: access }: { access_token: string }) => ({ authorization: `Bearer ${access}` })

t.test('PATCH change_password: refusals', async (t) => {
  const change = (body: object, headers?: { authorization: string }, id: number | string = ada.id) => ask('PATCH', `/api/v2/user/${id}/change_password/`, body, headers)
  const before = await core.db.read.users.find(ada.id)
  const wrong: [string, string, string] = ['password', 'invalid', 'Invalid password.']
  const cases: [object, object][] = [
    [{}, findings(['password', 'required', REQUIRED], ['new_password', 'required', REQUIRED])],
    [{ password: 'x', new_password: NEXT }, findings(wrong)],
    [{ password: PASSWORD, new_password: '1234567' }, findings(['new_password', 'min_length', 'Ensure this field has at least 8 characters.', { limit: 8, found: 7 }])],
    [{ password: PASSWORD, new_password: 'x'.repeat(129) }, findings(['new_password', 'invalid', 'Ensure this field has no more than 128 characters.', { limit: 128, found: 129 }])],
    [{ password: PASSWORD, new_password: 'password1' }, findings(['new_password', 'invalid', 'This password is too common.'])],
    [{ password: PASSWORD, new_password: 'ada@example.com' }, findings(['new_password', 'invalid', 'The password is too similar to the username or the email address.'])],
    [{ password: 'x', new_password: 'short' }, findings(wrong, ['new_password', 'min_length', 'Ensure this field has at least 8 characters.', { limit: 8, found: 5 }])],
  ]
  for (const [body, expected] of cases) {
    const response = await change(body, ada.headers)
    t.equal(response.statusCode, 400, JSON.stringify(body).slice(0, 60))
    t.same(response.json(), expected)
  }
  t.same((await change({ password: PASSWORD, new_password: NEXT })).json(), UNAUTHENTICATED)
  for (const headers of [bob.headers, world.keys.helper, world.admin]) t.same((await change({ password: PASSWORD, new_password: NEXT }, headers)).json(), FORBIDDEN)
  t.same((await change({ password: PASSWORD, new_password: NEXT }, ada.headers, 999)).json(), NOT_FOUND)
  t.same(await core.db.read.users.find(ada.id), before)
})

t.test('this session stays, the others die; in any encoding', async (t) => {
  let [old, next] = [PASSWORD, `${NEXT} 0`]
  for (const [i, name] of ['JSON', 'urlencoded', 'multipart'].entries()) {
    const other = bearer((await enter('ada', old)).json())
    const sent = encodings({ password: old, new_password: next }).find(([encoding]) => encoding === name)?.[1]
    const response = await world.app.inject({ method: 'PATCH', url: `/api/v2/user/${ada.id}/change_password/`, payload: sent?.payload ?? '', headers: { ...ada.headers, ...sent?.headers } })
    t.equal(response.statusCode, 204, name)
    t.equal(response.body, '')
    t.same([await me(ada.headers), await me(other)], [200, 401])
    t.equal((await enter('ada', old)).statusCode, 400)
    t.equal((await enter('ada', next)).statusCode, 200)
    ;[old, next] = [next, `${NEXT} ${i + 1}`]
  }
})

t.test('POST recover: the same for everybody', async (t) => {
  const recover = (body: object) => ask('POST', '/api/v2/account/recover/', body)
  const sleeper = await signUp(world, 'sleeper', { isActive: false })
  for (const email of ['bob@example.com', 'BOB@example.com', 'nobody@example.com', 'sleeper@example.com']) {
    const response = await recover({ email })
    t.equal(response.statusCode, 204, email)
    t.equal(response.body, '')
  }
  t.ok(await codeTo('bob@example.com'))
  const purposes = (id: number) => findRows(world.dataDir, id, []).filter(({ table }) => table === 'codes').map(({ row }) => row.purpose).sort()
  t.same(purposes(bob.id), ['confirm_email', 'reset_password'])
  t.same(purposes(sleeper.id), ['confirm_email'], 'nothing for whoever may not come in')
  t.same((await recover({})).json(), findings(['email', 'required', REQUIRED]))
  t.same((await recover({ email: 'nobody' })).json(), findings(['email', 'invalid', 'Enter a valid email address.']))
})

t.test('POST reset', async (t) => {
  await ask('POST', '/api/v2/account/recover/', { email: 'bob@example.com' })
  const validation_code = await codeTo('bob@example.com')
  const reset = (body: object) => ask('POST', '/api/v2/account/reset/', body)
  t.same((await reset({})).json(), findings(['validation_code', 'required', REQUIRED], ['password', 'required', REQUIRED]))
  t.same((await reset({ validation_code: 'AAAAA-AAAAA', password: NEXT })).json(), findings(['validation_code', 'invalid', 'Invalid code.']))
  t.same((await reset({ validation_code, password: '1234567' })).json(), findings(['password', 'min_length', 'Ensure this field has at least 8 characters.', { limit: 8, found: 7 }]))
  t.equal(await me(bob.headers), 200)

  const response = await reset({ validation_code, password: NEXT })
  t.equal(response.statusCode, 200)
  t.equal(response.headers['cache-control'], 'no-store')
  const { token } = response.json<{ token: { access_token: string, refresh_token: string } }>()
  t.match(token, { access_token: /^[\w.-]+$/, refresh_token: /^[\w.-]+$/, token_type: 'Bearer', expires_in: 3_600, scope: 'read write', client_id: null })
  t.equal(Object.keys(token).length, 6)
  t.equal(await me(bearer(token)), 200)
  t.equal(await me(bob.headers), 401, 'the other sessions are dead')
  t.equal((await enter('bob', PASSWORD)).statusCode, 400)
  t.equal((await enter('bob', NEXT)).statusCode, 200)
  t.equal((await core.db.read.users.find(bob.id))?.emailConfirmed, true, 'whoever read the mail has the address')
  t.same((await reset({ validation_code, password: NEXT })).json(), findings(['validation_code', 'invalid', 'Invalid code.']), 'a code counts once')
})
