import t from 'tap'
import { openStore } from '../contract/world.ts'
import { findings } from '../community/world.ts'
import { PASSWORD, signUp } from '../helper.ts'
import type { Person } from '../helper.ts'
import { createWorld } from '../life/world.ts'
import { statusOf, tokenIn } from './world.ts'

const DAY_MS = 86_400_000
const world = await createWorld(t)
const { ask, core, mailsTo, codeTo } = world
const store = openStore(t, world.dataDir)
const staff = await signUp(world, 'trusted', { isStaff: true })
const chief = await signUp(world, 'chief', { isAdmin: true })

type Change = (person: Person, email: string | null) => Promise<{ statusCode: number, body: string }>

/** Who changes an address without having shown that it is theirs. */
const WAYS: Record<string, Change> = {
  'a staff PATCH': ({ id }, email) => ask('PATCH', `/api/users/${id}/`, { email }, staff.headers),
  'a staff PATCH of oneself': ({ headers }, email) => ask('PATCH', '/api/users/me/', { email }, headers),
  'a personal PUT': ({ id, headers }, email) => ask('PUT', `/api/profile/${id}/update/`, { email }, headers),
  'an admin\'s PUT of themselves': async ({ id, headers }, email) => {
    store.set(id, { is_admin: 1 })
    return await ask('PUT', `/api/profile/${id}/update/`, { email }, headers)
  },
}

let born = 0
/** Somebody with a confirmed address and a number. */
async function resident (): Promise<Person & { email: string, phone: string, evil: string }> {
  const person = await signUp(world, `resident-${born++}`)
  const [email, phone] = [`${person.username}@example.com`, `+39-555-${1_000 + person.id}`]
  store.set(person.id, { email_confirmed: 1, phone })
  return { ...person, email, phone, evil: `thief-${person.id}@evil.example` }
}
const subjectsTo = async (address: string) => (await mailsTo(address)).map(({ subject }) => subject)
const purposesOf = (id: number) => store.sql.prepare('select purpose from codes where user_id = ? order by 1').pluck().all(id)
const CONFIRM = 'Confirm your email address'

/** Asks for every code that signs in or resets. */
async function askForAll (email: string, phone: string): Promise<void> {
  for (const url of ['/api/password/recover/', '/api/users/auth/pwd/recover/', '/api/v2/account/recover/']) await ask('POST', url, { email })
  await ask('POST', '/api/users/auth/otp/signin/', { mobile_number: phone })
}

for (const [name, change] of Object.entries(WAYS)) {
  t.test(`A5 for a day after ${name} the new address confirms, and nothing more`, async (t) => {
    const person = await resident()
    const { id, email, phone, evil } = person
    await askForAll(email, phone)
    const [early] = (await mailsTo(email)).filter(({ subject }) => subject === 'Choose a new password').slice(-1)
    await askForAll(email, phone)
    const changed = await change(person, evil)
    t.equal(changed.statusCode, 200, changed.body)
    await askForAll(evil, phone)
    await askForAll(email, phone)
    t.same(await subjectsTo(evil), [CONFIRM])
    t.same(purposesOf(id), ['confirm_email', 'revert_email'], 'nor does one lie there that could be used')
    t.same((await ask('POST', '/api/password/reset/', { code: early?.code, password: 'a whole new secret' })).json(), { code: ['Invalid code.'] }, 'what went to the old address is void')
    const left = Number(store.row(id).email_held_until) - Date.now()
    t.ok(left > DAY_MS - 60_000 && left <= DAY_MS, `${left} ms are left`)

    const code = await codeTo(evil)
    const verified = await ask('POST', '/api/v2/account/verify/', { validation_code: code })
    t.equal(verified.statusCode, 400)
    t.same(verified.json(), findings(['validation_code', 'invalid', 'The address was changed less than 24 hours ago: for now its code confirms it, but does not sign in.']))
    t.equal(store.row(id).email_confirmed, 0)
    t.equal((await ask('POST', '/api/email/confirm/', { code })).statusCode, 204, 'the code counts on, and confirms')
    t.equal(store.row(id).email_confirmed, 1)
    await askForAll(evil, phone)
    t.same(await subjectsTo(evil), [CONFIRM], 'a thief can confirm as well')

    store.set(id, { email_held_until: Date.now() + 60_000 })
    await askForAll(evil, phone)
    t.same(await subjectsTo(evil), [CONFIRM])
    store.set(id, { email_held_until: Date.now() })
    await ask('POST', '/api/users/auth/otp/signin/', { mobile_number: phone })
    const entered = await ask('POST', '/api/users/auth/otp/verify/', { code: await codeTo(evil) })
    t.equal(await statusOf(world, tokenIn(entered)), 200, 'after a day it does')
    await ask('POST', '/api/password/recover/', { email: evil })
    t.equal((await ask('POST', '/api/password/reset/', { code: await codeTo(evil), password: 'a whole new secret' })).statusCode, 200)
  })
}

t.test('A5 codes from before the day began do not count within it, whatever they are for', async (t) => {
  const { id, evil } = await resident()
  store.set(id, { email: evil, email_held_until: Date.now() + DAY_MS })
  const issue = (purpose: 'sign_in' | 'reset_password') => core.db.write((tx) => core.codes.issue(tx, { userId: id, purpose, email: evil }))
  const [signIn, reset] = [await issue('sign_in'), await issue('reset_password')]
  t.same((await ask('POST', '/api/users/auth/otp/verify/', { code: signIn })).json(), { code: ['Invalid code.'] })
  t.same((await ask('POST', '/api/password/reset/', { code: reset, password: 'a whole new secret' })).json(), { code: ['Invalid code.'] })
  store.set(id, { email_held_until: null })
  t.equal((await ask('POST', '/api/users/auth/otp/verify/', { code: signIn })).statusCode, 200)
})

t.test('A5 after a day the code that was mailed at once signs in', async (t) => {
  const person = await resident()
  await WAYS['a personal PUT']?.(person, person.evil)
  store.set(person.id, { email_held_until: Date.now() })
  t.equal((await ask('POST', '/api/v2/account/verify/', { validation_code: await codeTo(person.evil) })).statusCode, 200)
})

t.test('A5 clearing the address between does not shorten the day', async (t) => {
  const person = await resident()
  await WAYS['a staff PATCH']?.(person, null)
  t.equal(store.row(person.id).email_held_until, null)
  await WAYS['a staff PATCH']?.(person, person.evil)
  await askForAll(person.evil, person.phone)
  t.same(await subjectsTo(person.evil), [CONFIRM])
  t.match((await mailsTo(person.email)).at(-1), { subject: 'Your email address was changed', code: String })
})

t.test('A5 the day is over for an address that its owner asked for and proved to read', async (t) => {
  const person = await resident()
  await WAYS['a personal PUT']?.(person, person.evil)
  await ask('POST', '/api/email/change/', { email: 'moved@example.org' }, person.headers)
  t.equal((await ask('POST', '/api/email/confirm/', { code: await codeTo('moved@example.org') })).statusCode, 204)
  await ask('POST', '/api/password/recover/', { email: 'moved@example.org' })
  t.equal((await ask('POST', '/api/password/reset/', { code: await codeTo('moved@example.org'), password: PASSWORD })).statusCode, 200)
})

t.test('A5 an admin gives somebody another address for a lost mailbox: it counts at once, and nothing takes it back', async (t) => {
  const person = await resident()
  const { id, email, phone, evil } = person
  await WAYS['a personal PUT']?.(person, 'by-a-thief@evil.example')
  const link = await codeTo(email)
  const rescued = await ask('PATCH', `/api/users/${id}/`, { email: evil }, chief.headers)
  t.equal(rescued.statusCode, 200, rescued.body)
  t.equal(store.row(id).email_held_until, null)
  t.match((await mailsTo('by-a-thief@evil.example')).at(-1), { subject: 'Your email address was changed', code: undefined })
  t.same((await ask('POST', '/api/email/revert/', { code: link })).json(), { code: ['Invalid code.'] }, 'nor what was sent before')
  await askForAll(evil, phone)
  t.ok((await subjectsTo(evil)).includes('Choose a new password'))
  t.equal((await ask('POST', '/api/sign-up/', { username: `after-${id}`, email, password: PASSWORD })).statusCode, 201, 'the address that was left is free')
})
