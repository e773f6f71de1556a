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

t.test('G3 however a number is spelled, it is the same; one without digits is nobody\'s', async (t) => {
  const { ask, codeTo, mailsTo, core, admin } = await createWorld(t)
  const { id } = await core.users.create(OPERATOR, { username: 'ada', email: 'ada@example.com' }, { family: 'operator' })
  const { id: bob } = await core.users.create(OPERATOR, { username: 'bob', email: 'bob@example.com', phone: '0049 (30) 901820' }, { family: 'operator' })
  for (const person of ['c', 'd']) await core.users.create(OPERATOR, { username: person, email: `${person}@example.com`, phone: 'by mail' }, { family: 'operator' })
  const stored = await ask('PATCH', `/api/users/${id}/`, { mobile_number: '\u202a+49\u00a030\u2011901821\u202c' }, admin)
  t.equal(stored.json<{ mobile_number: string }>().mobile_number, '+49 30\u2011901821', 'it is shown as it was typed')

  const enter = async (mobile_number: string, email: string) => {
    const before = (await mailsTo(email)).length
    t.same((await ask('POST', `${AUTH}/otp/signin/`, { mobile_number })).json(), { ttl: 300 }, mobile_number)
    if ((await mailsTo(email)).length === before) return undefined
    const entered = await ask('POST', `${AUTH}/otp/verify/`, { code: await codeTo(email) })
    return (await ask('GET', '/api/users/me/', undefined, { authorization: `Token ${entered.json<{ token: string }>().token}` })).json<{ id: number }>().id
  }
  for (const spelling of ['+49 30 901821', '0049-30-901821', '4930901821', '(+49) 30/901821', '\u202a+49\u00a030901821\u202c', '\uff0b\uff14\uff1930901821', '\u0660\u0660\u0664\u0669 30 901821']) t.equal(await enter(spelling, 'ada@example.com'), id, spelling)
  for (const spelling of ['0049 (30) 901820', '+49 30 901820']) t.equal(await enter(spelling, 'bob@example.com'), bob, spelling)
  for (const spelling of ['030 901821', '49309018210', '+0049 30 901821', '901821']) t.equal(await enter(spelling, 'ada@example.com'), undefined, `${spelling} is another`)
  for (const spelling of ['by mail', 'by', '+', '00']) for (const person of ['c', 'd']) t.equal(await enter(spelling, `${person}@example.com`), undefined, spelling)
  t.same((await ask('POST', `${AUTH}/otp/signin/`, { mobile_number: '\u202a\u202c' })).json(), { mobile_number: ['This field may not be blank.'] })
  await ask('PATCH', `/api/users/${id}/`, { mobile_number: '' }, admin)
  t.equal(await enter('4930901821', 'ada@example.com'), undefined, 'it was taken away')
})

t.test('G3 whoever asks for codes by one number has three an hour, however they spell it', async (t) => {
  const { core } = await build(t, { rateLimit: true })
  const ask = (phone: string, host: number) => core.signInCodes.ask(phone, `192.0.2.${host}`)
  for (const [host, phone] of ['+49 30 901820', '0049 30 901820', '4930901820'].entries()) await ask(phone, host)
  for (const [host, phone] of ['+49-30-90-18-20', '\u0664\u066930901820', '+49 30 901820'].entries()) await t.rejects(ask(phone, 10 + host), { code: 'throttled' }, phone)
  await ask('+49 30 901821', 20)
  for (const host of [30, 31, 32]) await ask('by mail', host)
  await t.rejects(ask('by mail', 33), { code: 'throttled' }, 'nor does one without digits go on for ever')
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
