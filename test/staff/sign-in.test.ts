import t from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import { readdirSync } from 'node:fs'
import { PASSWORD, build } from '../helper.ts'
import { createWorld } from '../life/world.ts'

const AUTH = '/api/users/auth'

t.test('sign-up: two passwords that agree, every finding at once, a body of no bytes', async (t) => {
  const { ask, core } = await createWorld(t)
  const bad = await ask('POST', `${AUTH}/pwd/signup/`, { username: 'no good', password1: 'short', password2: 'other', email: 'x' })
  t.equal(bad.statusCode, 400)
  t.same(bad.json(), {
    username: ['Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.'],
    email: ['Enter a valid email address.'],
    password1: ['Ensure this field has at least 8 characters.'],
    password2: ["The two password fields didn't match."],
  })
  t.same((await ask('POST', `${AUTH}/pwd/signup/`, {})).json(), { username: ['This field is required.'], password1: ['This field is required.'], password2: ['This field is required.'] })
  const done = await ask('POST', `${AUTH}/pwd/signup/`, { username: 'ada', password1: PASSWORD, password2: PASSWORD })
  t.same([done.statusCode, done.body], [200, ''])
  t.match(await core.users.findByUsername('ada'), { email: null, isStaff: false, isAdmin: false, isActive: true })
  const closed = await build(t, { signUp: false, dataDir: t.testdir({}) })
  t.equal((await closed.app.inject({ method: 'POST', url: `${AUTH}/pwd/signup/`, payload: { username: 'ada', password1: PASSWORD, password2: PASSWORD } })).statusCode, 403)
})

t.test('sign-in: a token of its own for each, and one answer for whatever is wrong', async (t) => {
  const { ask, core } = await createWorld(t)
  await ask('POST', '/api/sign-up/', { username: 'ada', email: 'ada@example.com', password: PASSWORD })
  const enter = (username: string, password: string) => ask('POST', `${AUTH}/pwd/signin/`, { username, password })
  for (const response of [await enter('ada', 'wrong'), await enter('nobody', PASSWORD)]) {
    t.equal(response.statusCode, 400)
    t.same(response.json(), { non_field_errors: ['Unable to log in with provided credentials.'] })
  }
  t.same((await ask('POST', `${AUTH}/pwd/signin/`, {})).json(), { username: ['This field is required.'], password: ['This field is required.'] })
  const [one, two] = [(await enter('ADA', PASSWORD)).json<{ token: string }>().token, (await enter('ada', PASSWORD)).json<{ token: string }>().token]
  t.match(one, /^[0-9a-f]{40}$/)
  const works = async (token: string) => (await ask('GET', '/api/users/me/', undefined, { authorization: `Token ${token}` })).statusCode
  t.same([await works(one), await works(two)], [200, 200])
  t.equal((await ask('POST', '/api/users/me/sign-out/', undefined, { authorization: `Token ${one}` })).statusCode, 204)
  t.same([await works(one), await works(two)], [401, 200])
  t.same(await core.keys.list((await core.users.findByUsername('ada'))?.id ?? 0), [], 'a session is no API token')
})

t.test('by a mailed code: the answer tells nothing, the code counts once', async (t) => {
  const { ask, codeTo, admin } = await createWorld(t)
  const ada = await ask('POST', '/api/sign-up/', { username: 'ada', email: 'ada@example.com', password: PASSWORD })
  const { id } = ada.json<{ user: { id: number } }>().user
  await ask('PATCH', `/api/users/${id}/`, { mobile_number: '+1-555-0157' }, admin)
  for (const mobile_number of ['+1-555-0157', '+1-555-9999']) {
    const response = await ask('POST', `${AUTH}/otp/signin/`, { mobile_number })
    t.same([response.statusCode, response.json()], [200, { ttl: 300 }])
  }
  t.same((await ask('POST', `${AUTH}/otp/verify/`, { code: 'AAAAA-AAAAA' })).json(), { code: ['Invalid code.'] })
  const code = await codeTo('ada@example.com')
  const entered = await ask('POST', `${AUTH}/otp/verify/`, { code })
  t.equal(entered.statusCode, 200, entered.body)
  t.match((await ask('GET', '/api/users/me/', undefined, { authorization: `Token ${entered.json<{ token: string }>().token}` })).json(), { id })
  const again = await ask('POST', `${AUTH}/otp/verify/`, { code })
  t.same([again.statusCode, again.json()], [400, { code: ['Invalid code.'] }])

})

t.test('C4 of people who share a number each gets a code of their own, five at most', async (t) => {
  const { ask, codeTo, core, dataDir } = await createWorld(t)
  const phone = '+1-555-0157'
  const make = (username: string, rest: object = {}) => core.users.create(OPERATOR, { username, email: `${username}@example.com`, phone, ...rest }, { family: 'operator' })
  await make('gone', { isActive: false })
  const bob = await make('bob')
  await make('eve')
  for (const i of [1, 2, 3, 4]) await make(`more-${i}`)
  await core.mail.deliver()
  const sent = () => readdirSync(`${dataDir}/mail`).length
  const before = sent()
  t.equal((await ask('POST', `${AUTH}/otp/signin/`, { mobile_number: phone })).statusCode, 200)
  await core.mail.deliver()
  t.same(await core.db.read.mails.due(Number.MAX_SAFE_INTEGER, 10), [])
  t.equal(sent() - before, 5)
  const codes = await Promise.all(['bob', 'eve'].map((name) => codeTo(`${name}@example.com`)))
  t.not(codes[0], codes[1])
  const entered = await ask('POST', `${AUTH}/otp/verify/`, { code: codes[0] })
  t.equal(entered.statusCode, 200, entered.body)
  t.match((await ask('GET', '/api/users/me/', undefined, { authorization: `Token ${entered.json<{ token: string }>().token}` })).json(), { id: bob.id })
})
