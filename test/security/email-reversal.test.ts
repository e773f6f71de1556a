import t from 'tap'
import { openStore } from '../contract/world.ts'
import { PASSWORD, signUp, urlencoded } from '../helper.ts'
import type { Person } from '../helper.ts'
import { createWorld } from '../life/world.ts'
import { makeToken, signInToken, statusOf, turnOn } from './world.ts'

const DAY_MS = 86_400_000
const NEW = 'a whole new secret'
const world = await createWorld(t)
const { app, ask, core, mailsTo, codeTo } = world
const store = openStore(t, world.dataDir)
const staff = await signUp(world, 'trusted', { isStaff: true })

let born = 0
/** Somebody with a confirmed address. */
async function resident (): Promise<Person & { email: string, thief: (n: number) => string }> {
  const person = await signUp(world, `resident-${born++}`)
  store.set(person.id, { email_confirmed: 1 })
  return { ...person, email: `${person.username}@example.com`, thief: (n) => `thief-${person.id}-${n}@evil.example` }
}
const patch = async ({ id }: Person, email: string) => (await ask('PATCH', `/api/users/${id}/`, { email }, staff.headers)).statusCode
/** Whoever changed the address reads it, and the day is over. */
async function settle ({ id }: Person, email: string): Promise<void> {
  await ask('POST', '/api/email/confirm/', { code: await codeTo(email) })
  store.set(id, { email_held_until: Date.now() - 1 })
}
/** The code of the link in the newest mail about a change to this address; undefined where there is none. */
const linkTo = async (email: string) => (await mailsTo(email)).findLast(({ subject }) => subject === 'Your email address was changed')?.code
const byForm = (code = '') => app.inject({ method: 'POST', url: '/revert-email', ...urlencoded([['code', code]]) })
const revert = async (code = '') => (await ask('POST', '/api/email/revert/', { code })).statusCode
const emailOf = ({ id }: Person) => store.row(id).email

const WAYS: Record<string, (code: string) => Promise<{ statusCode: number, body: string }>> = {
  '/revert-email': byForm,
  '/api/email/revert/': (code) => ask('POST', '/api/email/revert/', { code }),
  '/api/users/auth/email/revert/': (code) => ask('POST', '/api/users/auth/email/revert/', { code }),
  '/api/v2/account/revert_email/': (code) => ask('POST', '/api/v2/account/revert_email/', { validation_code: code }),
}

for (const [way, act] of Object.entries(WAYS)) {
  t.test(`A5 POST ${way} gives the address back and puts everybody out`, async (t) => {
    const person = await resident()
    const { id, email, username, headers, thief } = person
    const signedIn = await signInToken(world, person)
    const old = way === '/revert-email' ? await turnOn(world, headers) : undefined
    t.equal((await ask('PUT', `/api/profile/${id}/update/`, { email: thief(1) }, headers)).statusCode, 200)
    await settle(person, thief(1))
    if (old === undefined) await turnOn(world, headers)
    const open = [headers, signedIn, await makeToken(world, person), { authorization: `Token ${(await core.keys.create(id)).secret}` }]

    const code = await linkTo(email)
    t.match((await mailsTo(email)).at(-1)?.text, `/revert-email?code=${code}`, 'the link')
    for (const method of ['GET', 'HEAD', 'GET'] as const) t.equal((await ask(method, `/revert-email?code=${code}`)).statusCode, 200)
    t.match((await ask('GET', `/revert-email?code=${code}`)).body, new RegExp(`<form method="post".*value="${code}"`, 's'))
    t.equal(emailOf(person), thief(1), 'a page that is opened has changed nothing')
    t.same(await Promise.all(open.map((shown) => statusOf(world, shown))), open.map(() => 200))

    const done = await act(code ?? '')
    t.equal(done.statusCode, way === '/revert-email' ? 200 : 204, done.body)
    t.match(store.row(id), { email, email_confirmed: 1, email_held_until: null, password_hash: null })
    t.same(await Promise.all(open.map((shown) => statusOf(world, shown))), open.map(() => 401))
    t.equal((await ask('POST', '/api/token/', { username, password: PASSWORD })).statusCode, 401, 'the password is forgotten')
    t.match((await mailsTo(thief(1))).at(-1), { subject: 'Your email address was changed', code: undefined })
    for (const again of Object.values(WAYS)) t.equal((await again(code ?? '')).statusCode, 400, 'once')

    t.match((await mailsTo(email)).at(-1), { subject: 'Choose a new password' })
    const reset = { code: await codeTo(email), password: NEW }
    if (old !== undefined) t.same((await ask('POST', '/api/password/reset/', reset)).json(), { otp: ['A code of the second factor is required.'] }, 'one from before stays')
    t.equal((await ask('POST', '/api/password/reset/', { ...reset, ...old && { otp: old.codeAt(0) } })).statusCode, 200, 'one that was turned on since is gone')
    t.equal((await ask('POST', '/api/token/', { username, password: NEW, ...old && { otp: old.codeAt(1) } })).statusCode, 200)
  })
}

t.test('A5 for seven days, not longer, and once when it comes five times at once', async (t) => {
  const [late, early] = [await resident(), await resident()]
  for (const person of [late, early]) t.equal(await patch(person, person.thief(1)), 200)
  const [expiry] = store.sql.prepare('select expires_at from codes where user_id = ? and purpose = ?').pluck().all(late.id, 'revert_email') as number[]
  const left = Number(expiry) - Date.now()
  t.ok(left > 7 * DAY_MS - 60_000 && left <= 7 * DAY_MS, `${left} ms are left`)
  store.sql.prepare('update codes set expires_at = ? where user_id = ? and purpose = ?').run(Date.now(), late.id, 'revert_email')
  for (const act of Object.values(WAYS)) t.equal((await act(await linkTo(late.email) ?? '')).statusCode, 400)
  t.equal(emailOf(late), late.thief(1))
  const code = await linkTo(early.email)
  t.same((await Promise.all(Array.from({ length: 5 }, () => revert(code)))).sort(), [204, 400, 400, 400, 400])
  t.equal((await mailsTo(early.email)).filter(({ subject }) => subject === 'Choose a new password').length, 1)
  t.equal(await revert(''), 400)
})

t.test('A5 later changes do not take the way back, and theirs ends with it', async (t) => {
  const chain = async () => {
    const person = await resident()
    await patch(person, person.thief(1))
    await settle(person, person.thief(1))
    await patch(person, person.thief(2))
    return { person, first: await linkTo(person.email), second: await linkTo(person.thief(1)) }
  }
  const one = await chain()
  t.equal(await revert(one.first), 204)
  t.equal(await revert(one.second), 400, 'who was in between has no way back')
  t.equal(emailOf(one.person), one.person.email)

  const two = await chain()
  t.equal(await revert(two.second), 204)
  t.equal(emailOf(two.person), two.person.thief(1))
  t.equal(await revert(two.first), 204, 'nor can they spend the one of the owner by using theirs')
  t.equal(emailOf(two.person), two.person.email)

  const three = await chain()
  await ask('PUT', `/api/profile/${three.person.id}/update/`, { email: three.person.email }, three.person.headers)
  const before = (await mailsTo(three.person.email)).length
  t.equal(await revert(three.first), 204, 'an address that is back already is confirmed by it')
  t.match(store.row(three.person.id), { email: three.person.email, email_confirmed: 1, password_hash: null })
  t.same((await mailsTo(three.person.email)).slice(before).map(({ subject }) => subject), ['Choose a new password'])
})

t.test('A5 within the day an address that was confirmed by who wrote it gets no link: its POST would let them in', async (t) => {
  const person = await resident()
  await patch(person, person.thief(1))
  t.equal((await ask('POST', '/api/email/confirm/', { code: await codeTo(person.thief(1)) })).statusCode, 204)
  await patch(person, person.thief(2))
  t.match((await mailsTo(person.thief(1))).at(-1), { subject: 'Your email address was changed', code: undefined })
  t.equal(await revert(await linkTo(person.email)), 204)
})

t.test('A5 an address that nobody confirmed is told, without a link', async (t) => {
  const person = await resident()
  store.set(person.id, { email_confirmed: 0 })
  await patch(person, person.thief(1))
  t.match((await mailsTo(person.email)).at(-1), { subject: 'Your email address was changed', text: person.thief(1), code: undefined })
})
