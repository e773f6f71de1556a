import t from 'tap'
import { openStore } from '../contract/world.ts'
import { PASSWORD, signUp } from '../helper.ts'
import type { Person } from '../helper.ts'
import { AUDIENCE, claimsFor, ISSUER, newPair, openIssuer, tokenOf } from '../issuer/issuer.ts'
import { createWorld } from '../life/world.ts'

const NEW = 'a whole new secret'
const pair = newPair()
const { url: jwksUrl } = await openIssuer(t, pair)
const world = await createWorld(t, { jwksUrl, jwtIssuer: ISSUER, jwtAudience: AUDIENCE, jwtProvision: true })
const { ask, core, mailsTo, codeTo } = world
const store = openStore(t, world.dataDir)
const staff = await signUp(world, 'trusted', { isStaff: true })
const chief = await signUp(world, 'chief', { isAdmin: true })

let born = 0
/** Somebody whose confirmed address was changed by somebody of the staff, and the code that takes it back. */
async function robbed (): Promise<Person & { email: string, code: string }> {
  const person = await signUp(world, `resident-${born++}`)
  const email = `${person.username}@example.com`
  store.set(person.id, { email_confirmed: 1 })
  await ask('PATCH', `/api/users/${person.id}/`, { email: `thief-${person.id}@evil.example` }, staff.headers)
  return { ...person, email, code: (await mailsTo(email)).at(-1)?.code ?? '' }
}
const revert = async (code: string) => (await ask('POST', '/api/email/revert/', { code })).statusCode

t.test('A5 nobody else takes an address while its change can be taken back', async (t) => {
  const { id, email, headers, code } = await robbed()
  const other = await signUp(world, 'other')
  const TAKEN = 'user with this email already exists.'
  const sent = email.toUpperCase()
  const tries: [name: string, answer: Promise<{ statusCode: number, body: string }>][] = [
    ['a sign-up', ask('POST', '/api/sign-up/', { username: 'new', email: sent, password: PASSWORD })],
    ['a sign-up of the staff family', ask('POST', '/api/users/auth/pwd/signup/', { username: 'new-1', email, password1: PASSWORD, password2: PASSWORD })],
    ['somebody whom staff make', ask('POST', '/api/users/', { username: 'new-2', email: sent }, staff.headers)],
    ['somebody whom an admin makes', ask('POST', '/api/v2/account/create/', { username: 'new-3', email, password: PASSWORD }, chief.headers)],
    ['a staff PATCH', ask('PATCH', `/api/users/${other.id}/`, { email: sent }, staff.headers)],
    ['an admin\'s PATCH', ask('PATCH', `/api/users/${other.id}/`, { email }, chief.headers)],
    ['a personal PUT', ask('PUT', `/api/profile/${other.id}/update/`, { email: sent }, other.headers)],
    ['a change that waits for its code', ask('POST', '/api/email/change/', { email }, other.headers)],
    ['the same in the community family', ask('PATCH', `/api/v2/user/${other.id}/change_email/`, { new_email: sent }, other.headers)],
  ]
  for (const [name, answer] of tries) {
    const { statusCode, body } = await answer
    t.equal(statusCode, 400, `${name}: ${body}`)
    t.match(body, TAKEN, name)
  }
  await t.rejects(core.users.create(null, { username: 'new-4', email }, { family: 'test' }), { code: 'invalid' })
  const bearer = { authorization: `Bearer ${tokenOf(pair, claimsFor('s-1', { email, email_verified: true }))}` }
  t.match((await ask('GET', '/api/profile/', undefined, bearer)).json(), { email: '' }, 'nor does a foreign token bring it along')

  t.equal((await ask('PUT', `/api/profile/${id}/update/`, { email }, headers)).statusCode, 200, 'its owner can')
  t.equal(await revert(code), 204)
})

t.test('A5 a code for an address that came before it was kept does not take it', async (t) => {
  const [other, person] = [await signUp(world, 'patient'), await signUp(world, 'moving')]
  // Asked for before anybody had it.
  await ask('POST', '/api/email/change/', { email: 'wanted@example.com' }, other.headers)
  const waiting = await codeTo('wanted@example.com')
  store.set(person.id, { email: 'wanted@example.com', email_confirmed: 1 })
  await ask('PATCH', `/api/users/${person.id}/`, { email: 'thief@evil.example' }, staff.headers)
  t.same((await ask('POST', '/api/email/confirm/', { code: waiting })).json(), { email: ['user with this email already exists.'] })
})

t.test('A5 an address that is kept no longer is free, and its link takes it from nobody', async (t) => {
  const { id, email, code } = await robbed()
  store.sql.prepare('update codes set expires_at = ? where user_id = ?').run(Date.now(), id)
  t.equal((await ask('POST', '/api/sign-up/', { username: `heir-${id}`, email, password: PASSWORD })).statusCode, 201)
  t.equal(await revert(code), 400)
})

t.test('A5 whoever changed it cannot hide behind the account: hidden or inactive, the way back is kept', async (t) => {
  const hidden = await robbed()
  const { code } = hidden
  t.equal((await ask('DELETE', `/api/profile/${hidden.id}/delete/`, undefined, hidden.headers)).statusCode, 204)
  t.equal(await revert(code), 400, 'while it is hidden nothing changes')
  t.equal((await ask('POST', '/api/sign-up/', { username: `heir-${hidden.id}`, email: hidden.email, password: PASSWORD })).statusCode, 400, 'and nobody takes the address')
  t.equal((await ask('POST', `/api/users/${hidden.id}/restore/`, undefined, chief.headers)).statusCode, 200)
  t.equal(await revert(code), 204)

  const inactive = await robbed()
  await ask('PATCH', `/api/users/${inactive.id}/`, { is_active: false }, staff.headers)
  t.equal(await revert(inactive.code), 204)
  const reset = { code: await codeTo(inactive.email), password: NEW }
  t.equal((await ask('POST', '/api/password/reset/', reset)).statusCode, 400, 'it activates nobody')
  await ask('PATCH', `/api/users/${inactive.id}/`, { is_active: true }, chief.headers)
  t.equal((await ask('POST', '/api/password/reset/', reset)).statusCode, 200)

  const gone = await robbed()
  await ask('DELETE', `/api/users/${gone.id}/?hard=1`, undefined, chief.headers)
  t.equal(await revert(gone.code), 400)
  t.equal((await ask('POST', '/api/sign-up/', { username: `heir-${gone.id}`, email: gone.email, password: PASSWORD })).statusCode, 201)
})
